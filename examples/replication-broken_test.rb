tests for "replication-broken.rb"

test "the alert is over: nothing is touched" {
  given alert "ReplicationBroken"
  given alert.firing = no
  given replica {node: "db-2"} = "stopped"
  expect no action
  expect no step "Who leads?"
  expect resolved
}

test "one replica is restarted, and the alert ends" {
  given alert "ReplicationBroken"
  given alert.firing = no from 5m
  given leader = "db-1"
  given log = ["db-2: connection lost"]
  given replica {node: "db-2"} = "stopped"
  given replica {node: "db-3"} = "streaming"
  after action restart(node: "db-2") { given replica {node: "db-2"} = "streaming" after 1m }
  expect action restart(node: "db-2")
  expect no action restart(node: "db-3")
  expect no escalation
  expect resolved within 10m
}

test "two replicas are restarted, just in time" {
  given alert "ReplicationBroken"
  given leader = "db-1"
  given log = []
  given replica {node: "db-2"} = "stopped"
  given replica {node: "db-3"} = "catching up"
  given action restart takes 2m
  after action restart(node: "db-3") {
    given replica {node: "db-2"} = "streaming" after 15m
    given replica {node: "db-3"} = "streaming" after 15m
    given alert.firing = no after 45m
  }
  expect action restart(node: "db-2")
  expect action restart(node: "db-3")
  expect no escalation
  expect resolved within 1h
}

test "more replicas than that are not restarted" {
  given alert "ReplicationBroken"
  given leader = "db-1"
  given log = []
  given replica {node: "db-2"} = "stopped"
  given replica {node: "db-3"} = "stopped"
  given replica {node: "db-4"} = "stopped"
  expect no action
  expect escalation to "database-oncall"
}

test "a restart that does not help, or fails, calls the team" {
  given alert "ReplicationBroken"
  given leader = "db-1"
  given log = []
  given replica {node: "db-2"} = "stopped"
  given replica {node: "db-3"} = "streaming"
  given alert.firing = no from 10m
  each {
    given action restart fails
    given action restart hangs
    given replica {node: "db-2"} = "streaming" from 20m
    given replica is none from 1m
  }
  expect action restart(node: "db-2")
  expect escalation to "database-oncall"
}

test "a restart that takes longer than two minutes is not waited for" {
  given alert "ReplicationBroken"
  given alert.firing = no from 10m
  given leader = "db-1"
  given log = []
  given replica {node: "db-2"} = "stopped"
  given action restart takes 3m
  after action restart { given replica {node: "db-2"} = "streaming" }
  expect escalation to "database-oncall" matching "restart"
}

test "the team hears which replica does not stream" {
  given alert "ReplicationBroken"
  given leader = "db-1"
  given log = []
  given replica {node: "db-2"} = "stopped"
  expect escalation to "database-oncall" matching "node=db-2 stopped, and db-1 leads"
  expect escalated
}

test "without a leader nothing is restarted" {
  given alert "ReplicationBroken"
  given leader = "none"
  given log = []
  given replica {node: "db-2"} = "stopped"
  expect no action
  expect escalation to "database-oncall" matching "no leader"
}

test "a full disk is not restarted away" {
  given alert "ReplicationBroken"
  given leader = "db-1"
  given log = ["write failed", "no space left on device"]
  given replica {node: "db-2"} = "stopped"
  expect no action
  expect escalation to "database-oncall" matching "the disk of db-1 is full"
}

test "what cannot be read calls the team, and nothing is restarted" {
  given alert "ReplicationBroken"
  given leader = "db-1"
  given log = []
  given replica {node: "db-2"} = "stopped"
  each {
    given leader is none
    given leader has 2 series
    given log is none
    given replica is none
    given provider file is down
    given provider file is slow 60s
  }
  expect no action
  expect escalation to "database-oncall"
}

test "the replicas stream, and the alert does not end" {
  given alert "ReplicationBroken"
  given leader = "db-1"
  given log = []
  given replica {node: "db-2"} = "streaming"
  each {
    given alert.firing = yes
    given alert.firing = no from 31m
  }
  expect no action
  expect escalation to "database-oncall" matching "the alert still fires"
}

test "at the end nobody can say whether it fires: the team is called" {
  given alert "ReplicationBroken"
  given leader = "db-1"
  given log = []
  given replica {node: "db-2"} = "streaming"
  given alert.firing = unknown from 1m
  expect escalation to "database-oncall" matching "not alert.firing.*is unknown"
}

test "the alert ends after half an hour: that is in time" {
  given alert "ReplicationBroken"
  given leader = "db-1"
  given log = []
  given replica {node: "db-2"} = "streaming"
  given alert.firing = no from 30m
  expect no escalation
  expect resolved
}

test "nobody can say whether it fires: the replicas decide" {
  given leader = "db-1"
  given log = []
  given replica {node: "db-2"} = "stopped"
  after action restart { given replica {node: "db-2"} = "streaming" }
  each {
    given alert.firing = unknown
    given leader = "db-1"
  }
  expect action restart
  expect no escalation
  expect resolved
}

test "the team cannot be paged" {
  given team "database-oncall" is down
  given alert "ReplicationBroken"
  given leader = "db-1"
  given log = []
  given replica {node: "db-2"} = "stopped"
  each {
    given leader = "none"
    given leader = "db-1"
    given log = ["no space left on device"]
    given replica {node: "db-2"} = "streaming"
  }
  expect failed
}
