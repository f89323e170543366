# A replica that falls behind is restarted, but never by two runs at once, and not again and again.
runbook "Replica lag"

trigger  alert "ReplicationLagHigh" where severity = "page"
owner    "database-oncall"
severity "sev2"

limit 3 runs in 1h by cluster

param cluster = "orders"

metric lag in s from prometheus "max(pg_replication_lag_seconds{cluster='#{cluster}'})"

define restart_replica(cluster) as `patronictl restart #{cluster} --role replica --force` at most 2 in 24h

step "Is it still behind?" {
  if lag < 30s {
    resolve "the replica has caught up: #{lag}"
  }
}

step "Restart the replica" {
  # Whoever holds it may be restarting the same replica: look again afterwards.
  lock "db-#{cluster}" within 5m else {
    escalate to owner because "#{cluster} is #{lag} behind, and another run works on it"
    stop
  }
  if lag < 30s {
    resolve "another run helped: #{lag}"
  }
  action restart_replica(cluster) within 5m else {
    escalate to owner because "#{cluster} is #{lag} behind, and restarting its replica is no help"
    stop
  }
}

step "Does it catch up?" {
  wait until lag < 30s within 10m else {
    escalate to owner because "#{cluster} is still #{lag} behind"
  }
}
