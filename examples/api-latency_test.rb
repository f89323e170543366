# Every path through the runbook that its own two tests do not take.
tests for "api-latency.rb"

test "it is over before anybody looks" {
  given p99 = 480ms
  expect resolved within 1m
  expect no step "Roll back a deploy that lines up"
}

test "it cannot be told whether a deploy lines up" {
  given p99 = 800ms
  each {
    given deploy_age is none
    given deploy_age is stale 10m
  }
  expect no action
  expect escalation to "api-oncall" matching "deploy_age < 30m"
}

test "the rollback cannot be done" {
  given p99 = 800ms
  given deploy_age = 12m
  each {
    given action rollback fails "no rollout history"
    given action rollback hangs
  }
  expect escalation to "api-oncall" matching "rollback.* failed"
  expect no step "Record the cause"
  expect escalated within 5m
}

test "the rollback does not help at once: the owner is called, and the cause is kept all the same" {
  given p99 = 800ms
  given deploy_age = 12m
  after action rollback { given p99 = 300ms after 25m }
  answer "What was the cause?" with "a slow query" after 10m
  expect escalation to "api-oncall" matching "p99 is still 800ms after the rollback"
  expect record matching "recovered to 300ms. Cause: a slow query"
  expect escalated within 45m
}

test "p99 cannot be read any more after the rollback" {
  given p99 = 800ms
  given deploy_age = 12m
  after action rollback { given p99 is none }
  expect action rollback(service: "api")
  expect escalation to "api-oncall" matching "p99 < 500ms. is unknown: no data"
}

test "no deploy, and the connection pool is full" {
  given p99 = 800ms
  given p99 = 200ms from 20m
  given deploy_age = 3d
  given pool = 97%
  expect no action
  expect escalation to "database-oncall" matching "97%"
  expect record matching "Cause: no answer within 30m"
  expect escalated within 1h
}

test "no deploy, and the pool cannot be read" {
  given p99 = 800ms
  given deploy_age = 3d
  given pool is none
  expect escalation to "api-oncall" matching "pool < 90%"
}

test "no deploy, and the pool has room: it recovers by itself" {
  given p99 = 800ms
  given p99 = [800ms x 12, 450ms x 3, 700ms, 400ms] every 1m
  given deploy_age = 3d
  given pool = 60%
  answer "What was the cause?" with "a batch job"
  expect no escalation
  expect record matching "Cause: a batch job"
  expect resolved within 25m
}

test "no deploy, the pool has room, and it does not recover" {
  given deploy_age = 3d
  given pool = 60%
  given p99 = 800ms
  each {
    given p99 = 800ms
    given p99 is none from 10m
  }
  expect escalation to "api-oncall" matching "p99 < 500ms"
  expect no record
  expect escalated within 1h
}

test "the rollback does not help, and nobody can be paged: no cause is recorded as if all were well" {
  given p99 = 800ms
  given deploy_age = 12m
  given team "api-oncall" is down
  expect action rollback(service: "api")
  expect no escalation
  expect no step "Record the cause"
  expect failed within 15m
}

test "the pool is full, and the database team cannot be paged: the owner is" {
  given p99 = 800ms
  given deploy_age = 3d
  given pool = 97%
  given team "database-oncall" is error "no schedule"
  expect no escalation to "database-oncall"
  expect escalation to "api-oncall" matching "no schedule"
  expect no step "Record the cause"
  expect escalated
}

test "at exactly 500ms it is not over, and a deploy of exactly 30 minutes ago does not line up" {
  given p99 = 500ms
  given p99 = 499ms from 40m
  given deploy_age = 30m
  given pool = 89%
  answer "What was the cause?" with "a batch job" after 20m
  expect no action
  expect record matching "Cause: a batch job"
  expect no escalation
  expect resolved within 70m
}

test "no recovery: p99 stays at exactly 500ms, or is lower for only three minutes" {
  given deploy_age = 3d
  given pool = 60%
  each {
    given p99 = 500ms
    given p99 = [800ms x 10, 300ms x 3, 800ms] every 1m
  }
  expect no record
  expect escalation to "api-oncall"
  expect escalated within 1h
}

test "a deploy of 28 minutes ago lines up: a rollback of four minutes and a recovery in eight are in time" {
  given p99 = 800ms
  given deploy_age = 28m
  given action rollback takes 4m
  after action rollback { given p99 = 499ms after 8m }
  answer "What was the cause?" with "bad deploy"
  expect action rollback(service: "api")
  expect no escalation
  expect resolved within 20m
}

test "p99 at exactly 500ms after the rollback has not recovered" {
  given p99 = 800ms
  given deploy_age = 12m
  after action rollback { given p99 = 500ms }
  expect escalation to "api-oncall" matching "p99 is still 500ms after the rollback"
}

test "a pool at exactly 90% is full" {
  given p99 = 800ms
  given deploy_age = 3d
  given pool = 90%
  expect escalation to "database-oncall" matching "the connection pool is at 90%"
}
