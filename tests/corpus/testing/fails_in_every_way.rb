runbook "API latency"
owner "api-oncall"
metric p99 in s from prometheus "a"
define rollback(service) as `kubectl rollout undo deployment/#{service}`

step "Look" {
  check p99 < 500ms else {
    record "slow: #{p99}"
    action rollback("api")
    wait until p99 < 500ms within 10m else {
      escalate to "database-oncall" because "still #{p99}"
    }
  }
}
step "Tell" { record "over" to "incidents" }

test "it ends otherwise" {
  given p99 = 800ms
  after action rollback { given p99 = 100ms }
  expect escalated
}

test "it takes longer" {
  given p99 = 800ms
  after action rollback { given p99 = 100ms after 7m }
  expect resolved within 5m
}

test "it pages where it was not to" {
  given p99 = 800ms
  expect resolved
  expect no escalation
}

test "another action, none, and one too many" {
  given p99 = 800ms
  after action rollback { given p99 = 100ms }
  expect action rollback("web")
  expect no action rollback
  expect no action
}

test "no action at all" {
  given p99 = 100ms
  expect action
  expect action rollback
  expect action `kubectl rollout undo deployment/api`
}

test "another page, and none" {
  given p99 = 800ms
  expect escalation to "api-oncall"
  expect escalation matching "gone"
  expect no escalation to "database-oncall" matching "800"
}

test "nobody is paged" {
  given p99 = 100ms
  expect escalation
}

test "another record, and one too many" {
  given p99 = 800ms
  after action rollback { given p99 = 100ms }
  expect record matching "fast"
  expect no record matching "slow"
}

test "steps" {
  given p99 is none
  expect step "Tell"
  expect no step "Look"
}
