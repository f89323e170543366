runbook "T"
owner "api-oncall"
metric lag in s from prometheus "lag"

action `begin`
wait 1m
check `ready` else or unknown { record "not ready" }
action `go` else { record "did not go" }
escalate to "dba" because "x" else { record "not paged" }
record "said" to "incidents"

test "each begins at its own time after it" {
  after action `begin` {
    given probe `ready` = no after 30s
    given action `go` fails after 30s
    given team "dba" is down after 30s
    given channel "incidents" is down after 30s
    given provider prometheus is down after 30s
    given lag = 3s after 30s
  }
  expect record matching "not ready"
  expect record matching "did not go"
  expect record matching "not paged"
  expect resolved
}
test "not yet" {
  given probe `ready` = yes
  after action `begin` {
    given probe `ready` = no after 90s
    given action `go` fails after 90s
    given team "dba" is down after 90s
  }
  expect escalation to "dba"
  expect action `go`
  expect no record matching "not ready"
  expect escalated
}
