runbook "Who is told"
owner "api-oncall"
check "Well?" else {
  escalate to "database-oncall" because "ill"
}
record "seen to" to "incidents"

test "the one, and then the owner" {
  answer "Well?" with no
  given team "database-oncall" is error "nobody is on call"
  given team "api-oncall" is slow 10m
  expect escalation
  expect escalation to "database-oncall" matching "ill"
  expect escalated
}

test "the one is not, the owner is" {
  answer "Well?" with no
  given team "database-oncall" is down
  expect escalation to "database-oncall"
  expect failed
}

test "a record" {
  answer "Well?" with yes
  given channel "incidents" is down
  expect no record matching "seen"
  expect failed
}
