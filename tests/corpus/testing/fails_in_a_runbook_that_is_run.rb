runbook "Outer"
owner "api-oncall"
let when = now
run "files/inner.rb" else { record "inner did not end well" }

test "the other one goes wrong" {
  given lag = 10s
  expect resolved
  expect no escalation to "inner-oncall"
}
