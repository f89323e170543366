runbook "T"
owner "api-oncall"
define restart(host) as `reboot #{host}`

for each host in ["a", "b"] up to 2 {
  action restart(host) by "database-oncall" within 20m else { record "#{host} was not restarted" }
}
action `verify` by owner else { record "not verified" }

background {
  answer action restart by "database-oncall" with yes
  answer action `verify` by owner with yes
}

test "approved" {
  expect action restart("a") before restart("b")
  expect action `verify`
  expect no record
  expect resolved
}
test "refused, then approved" {
  answer action restart by "database-oncall" with no
  answer action restart by "database-oncall" with yes
  expect record matching "a was not restarted"
  expect no action restart("a")
  expect action restart("b")
  expect resolved
}
test "too late" {
  answer action `verify` by "api-oncall" with yes after 11m
  expect record matching "not verified"
  expect no action `verify`
  expect resolved
}
