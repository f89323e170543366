runbook "T"
owner "api-oncall"
param service
metric lag in s from prometheus "a"
check lag < 5m
action `deploy #{service}` by "database-oncall" else { escalate to "database-oncall" because "x" acknowledged within 5m }
wait until lag < 1m within 5m

background {
  given lagg = 5s
  expect resolved
  each { given lag = 6s }
  after action `deploy api` { given lag = 1s }
}
test "gives no service" {
  given lag = 1m
  answer action `deploy api` by "databse-oncall" with yes
  answer action `deploy api` by "database-oncall" with yes
  answer action "Deploy it" by "database-oncall" with yes
  expect action before `deploy api`
  expect no action `deploy api` before `deploy api`
  expect resolved
}
background { param service = "api" }
test "no such team" {
  param service = "api"
  given team "databse-oncall" acknowledges after 5m
  given team "database-oncall" acknowledges after 5
  given team "database-oncall" acknowledges sometimes
  expect escalation to ownr
  expect resolved
}
