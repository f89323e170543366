runbook "Replication"
owner   "database-oncall"
metric p99 in s from prometheus "job:latency:p99"

check p99 < 500ms

test "given, and nothing asks for it" {
  given alert.firing = no
  given p99 = 1s
  expect escalation
}
