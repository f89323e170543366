runbook "Patience"
owner "api-oncall"
metric p99 in s from prometheus "a"
wait until p99 < 500ms within 52w every 1s

test "it is never over" {
  given p99 = 800ms
  expect escalated
}
