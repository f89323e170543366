runbook "T"
owner "api-oncall"

escalate to "imoc" because "we begin"
action `restart`

test "a page to another team does not count" {
  given action `restart` fails
  expect escalation to "imoc"
  expect escalation to owner matching "restart"
  expect escalated
}
test "done" {
  expect no escalation to owner
  expect escalated
}
