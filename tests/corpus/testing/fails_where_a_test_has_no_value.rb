runbook "Values"
owner "api-oncall"
param host = "db-1"
let state = `systemctl is-active #{host}`
record "#{host} is #{state.text}"

test "a value that is known only during the run" {
  expect record matching "#{host} is #{state.text}"
}
