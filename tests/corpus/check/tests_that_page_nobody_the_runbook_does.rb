runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"

check p99 < 500ms else {
  escalate to "database-oncall" else { record "alone" to "incidents" }
}

test "names" {
  given team "databse-oncall" is down
  given team "network" is down
  given team "api-oncall" is slow 5
  given team "database-oncall" is error "#{p99}"
  given channel "incident" is down
  given channel "general" is slow 5kB
  after action "x" { given team "api" is down }
  each { given channel "api-oncall" is down }
  expect failed
}
