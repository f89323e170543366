runbook "Take a replica out of the pool"

trigger schedule "0 4 * * 1" in "UTC" for 4h
owner   "database-oncall"

param replica = "db-4"

metric lag in s   from prometheus "pg_replication_lag_seconds{instance='#{replica}'}"
metric clients    from prometheus "pgbouncer_clients{database='#{replica}'}"

step "Is the rest healthy?" {
  check lag < 30s else { resolve "not tonight: #{replica} is #{lag} behind" }
}

step "Take it out" {
  action `pgbouncer-ctl disable #{replica}` within 2m
  wait until clients == 0 within 30m else {
    escalate to owner because "#{clients} clients do not leave #{replica}"
    stop
  } unknown {
    escalate to owner because "nobody knows who is on #{replica}, which takes no new clients"
    stop
  }
  action `vacuumdb --all --freeze` on "db-4" within 2h else {
    record "freezing #{replica} failed" to "incidents"
  }
  action `pgbouncer-ctl enable #{replica}` within 2m
  wait until clients > 0 for 5m within 30m
  check lag < 30s
}
