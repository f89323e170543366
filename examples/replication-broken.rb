# Based on a runbook for a database cluster with a replica that does not stream. A cron job writes the state of the cluster;
# `from http` reads the same from its API. Whether the alert still fires is asked from Alertmanager.
runbook "Replication is broken"

trigger  alert "ReplicationBroken"
owner    "database-oncall"
severity "sev2"

metric leader: text from file "data/cluster.json leader"
metric replica: text by node from file "data/cluster.json replicas"
metric log: lines from file "data/cluster.log"

define restart(node) as `systemctl restart replica@#{node}`

step "Is there anything to do?" {
  if not alert.firing {
    resolve "the alert is over"
  } unknown {
    "Nobody can say whether the alert still fires: #{alert.firing}"
  }
}

step "Who leads?" {
  check leader != "none" else {
    escalate to owner because "the cluster has no leader"
    stop
  }
  if "no space left on device" in join(log, " ") {
    escalate to owner because "the disk of #{leader} is full"
    stop
  }
}

step "Restart what does not stream" {
  for each state in replica where state != "streaming" up to 2 {
    action restart(state.node) within 2m
  }
  wait until (every replica == "streaming") within 15m else {
    escalate to owner because "#{replica}, and #{leader} leads"
  }
}

step "Is it over?" {
  if alert.firing {
    wait until not alert.firing within 30m else {
      escalate to owner because "every replica streams, and the alert still fires"
    }
  } unknown {
    "Every replica streams. Look yourself whether the alert is over: #{alert.firing}"
  }
}
