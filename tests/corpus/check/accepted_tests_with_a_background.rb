runbook "T"
owner "api-oncall"
param service
metric lag in s from prometheus "a"
check lag < 5m
action `deploy #{service}` by "database-oncall" else { escalate to "database-oncall" because "x" acknowledged within 5m else { stop } }
action `verify #{service}`
wait until lag < 1m within 5m

background {
  param service = "api"
  given lag = 1m
  answer action `deploy api` by "database-oncall" with yes
}
test "approved" {
  after action `deploy api` {
    given action `verify api` fails after 10s
    given team "database-oncall" is down after 1m
    given provider prometheus is slow 1s after 2m
    given lag = 10s after 5s
  }
  expect action `deploy api` before `verify api`
  expect resolved
}
test "not approved" {
  answer action `deploy api` by "database-oncall" with no
  given team "database-oncall" acknowledges never
  expect no action `deploy api`
  expect escalation to owner
  expect escalation to "database-oncall"
}
