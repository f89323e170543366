runbook "T"
owner "api-oncall"

check "Is it well?" else { record "it is not" }

test "a channel" {
  given channel "incidents" is down
  expect escalated
}
