runbook "Actions"
owner "api-oncall"
define rollback(service, to) as `rollout undo #{service} --to #{to}`
define call(team) as "Call #{team}"
define job(name) as rundeck "nightly"

action rollback("api", to: 3) within 5m retry 1 every 1m as undone else { record "rollback: #{undone.stderr}" }
action `reboot "#{"db-1"}"` within 1m else { record "reboot failed" }
action job("x") finally call("bo") else { record "job failed" }
record "done #{undone.text}"

test "everything succeeds at once, but for people" {
  answer "Call bo" with done
  expect action rollback(service: "api", to: 3)
  expect action rollback(to: 3)
  expect action rollback
  expect action `rollout undo api --to 3`
  expect action `reboot "db-1"`
  expect action "Call bo"
  expect action call("bo")
  expect no action rollback(to: 4)
  expect no record matching "failed"
  expect resolved within 0.5s
}

test "a person who is silent" {
  expect escalation to "api-oncall" matching "no answer within 30m"
  expect escalated within 30m
}

test "they fail, hang, take their time and print" {
  given action rollback(to: 3) fails "no history"
  given action `reboot "db-1"` hangs
  given action job takes 2m
  given action call takes 3m
  given action job fails
  expect record matching "rollback: no history"
  expect record matching "reboot failed"
  expect record matching "job failed"
  expect resolved within 7m
}

test "what is printed" {
  given action rollback prints "revision 3"
  given action rollback takes 1m
  given action call prints "she is coming"
  expect record matching "done revision 3"
  expect resolved within 1m
}

test "too long is a time-out" {
  given action rollback takes 6m
  given action "Call bo" takes 1m
  expect record matching "^rollback: $"
  expect resolved within 12m
}
