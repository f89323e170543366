runbook "T"
owner "api-oncall"
param team = "dba"
param channel = "incidents"

check "Is it well?" else {
  escalate to team else { record "nobody came" to channel }
  record "it was not"
}

test "names that the run finds out" {
  given team "whoever" is down
  given team "#{team}" is error "none of #{team} is there"
  given channel "wherever" is slow 11m
  given channel "#{channel}" is down
  answer "Is it well?" with no
  expect escalated
}
