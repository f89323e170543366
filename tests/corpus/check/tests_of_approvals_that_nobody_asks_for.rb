runbook "T"
owner "api-oncall"
define restart(host) as `reboot #{host}`
action restart("db") by "database-oncall" else { escalate to "database-oncall" because "x" acknowledged within 5m else {} }
"done"

test "nobody asks them" {
  answer action restart by "databse-oncall" with yes
  answer action restart by owner with yes
  answer action `reboot it` by "database-oncall" with yes
  given team "databse-oncall" acknowledges after 5m
  expect escalated
}
