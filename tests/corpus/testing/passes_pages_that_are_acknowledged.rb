runbook "T"
owner "api-oncall"
metric lag in s from prometheus "lag"

check lag < 10m else {
  escalate to "database-oncall" because "lag is #{lag}" acknowledged within 15m else {
    escalate to owner because "nobody answers" acknowledged within 5m
    record "the owner has it"
  }
  record "somebody has it"
}

background {
  given lag = 20m
}

test "acknowledged in time" {
  given team "database-oncall" acknowledges after 14m
  expect no escalation to owner
  expect record matching "somebody has it"
  expect escalated within 14m
}
test "at once" {
  given team "database-oncall" acknowledges
  expect escalated within 1s
}
test "too late" {
  given team "database-oncall" acknowledges after 16m
  given team "api-oncall" acknowledges after 1m
  expect escalation to owner matching "nobody answers"
  expect record matching "the owner has it"
  expect escalated within 16m
}
test "nobody acknowledges unless given" {
  expect escalation to owner matching "nobody answers"
  expect no record
  expect escalated within 20m
}
test "not delivered" {
  given team "database-oncall" is down
  given team "api-oncall" acknowledges never
  expect escalation to owner
  expect no escalation to "database-oncall"
  expect escalated within 5m
}
test "healthy" {
  given lag = 1m
  expect no escalation
  expect resolved
}
