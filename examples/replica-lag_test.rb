tests for "replica-lag.rb"

test "it has caught up by itself" {
  each {
    given lag = 4s
    given lag = 29.9s
  }
  expect no step "Restart the replica"
  expect resolved within 1s
}

test "what cannot be measured is left to a person" {
  given lag is none
  expect no action
  expect escalation to "database-oncall"
}

test "the replica is restarted, and catches up" {
  given lag = 30s
  after action restart_replica("orders") { given lag = 2s after 9m }
  expect action restart_replica("orders")
  expect no escalation
  expect resolved within 10m
}

test "another run restarts it first" {
  given lag = 200s
  given lag = 29s from 4m
  given lock "db-orders" is held for 270s
  expect no action
  expect no step "Does it catch up?"
  expect resolved within 5m
}

test "a lock on another cluster is no obstacle" {
  param cluster = "billing"
  given lag = 200s
  given lock "db-orders" is held
  after action restart_replica("billing") { given lag = 2s }
  expect action restart_replica("billing")
  expect resolved within 1m
}

test "the lock is not free in time" {
  given lag = 200s
  given lock "db-orders" is held for 301s
  expect no action
  expect escalation to "database-oncall" matching "another run works on it"
  expect escalated within 5m
}

test "the lock is not free in time, and nobody can be paged" {
  given lag = 200s
  given lock "db-orders" is held
  given team "database-oncall" is down
  expect no action
  expect failed within 5m
}

test "it can no longer be measured once the lock is free" {
  given lag = 200s
  given lag is none from 1m
  given lock "db-orders" is held for 2m
  expect no action
  expect escalation to "database-oncall" matching "no data"
}

test "restarted as often as it may be, or the restart fails" {
  given lag = 200s
  each {
    given limit restart_replica reached
    given action restart_replica fails "no leader"
    given action restart_replica takes 6m
  }
  expect no step "Does it catch up?"
  expect escalation to "database-oncall" matching "is no help"
  expect escalated within 5m
}

test "the restart is no help, and nobody can be paged" {
  given lag = 200s
  given limit restart_replica reached
  given team "database-oncall" is down
  expect no step "Does it catch up?"
  expect failed
}

test "a restart of four minutes is in time" {
  given lag = 200s
  given action restart_replica takes 4m
  after action restart_replica { given lag = 29s }
  expect no escalation
  expect resolved within 5m
}

test "it stays behind after the restart" {
  given lag = 200s
  after action restart_replica { given lag = 30s }
  expect action restart_replica("orders")
  expect escalation to "database-oncall" matching "is still 30s behind"
  expect escalated within 10m
}

test "it stays behind, and nobody can be paged" {
  given lag = 200s
  given team "database-oncall" is down
  expect action restart_replica("orders")
  expect failed within 10m
}

test "it can no longer be measured after the restart" {
  given lag = 200s
  after action restart_replica { given lag is none }
  expect action restart_replica("orders")
  expect escalation to "database-oncall" matching "unknown"
}

test "another run helped, but not enough" {
  given lag = 200s
  given lag = 30s from 1m
  given lock "db-orders" is held for 2m
  after action restart_replica { given lag = 2s }
  expect action restart_replica("orders")
  expect resolved within 3m
}
