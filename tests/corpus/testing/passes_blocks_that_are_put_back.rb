runbook "T"
owner "api-oncall"
define pause(queue)  as `qctl pause #{queue}`
define resume(queue) as `qctl resume #{queue}`
metric lag in s from prometheus "lag"

check lag < 10m
action pause("orders") within 1m as paused {
  "paused: #{paused.text}"
  wait until lag < 10s within 10m else { resolve "not emptied" }
  if lag < 1s { stop "suspiciously empty" }
} finally resume("orders"), `notify` undo `page-them` else {
  record "it did not pause"
}
check lag < 1m
record "#{lag}"

test "the block is left at its end: put back before the next statement" {
  given lag = 5s
  expect action pause before resume
  expect action resume before `notify`
  expect no action `page-them`
  expect record matching "5s"
  expect resolved
}
test "the block is left by resolve: put back all the same" {
  given lag = 5m
  expect action resume
  expect no action `page-them`
  expect no record
  expect resolved within 10m
}
test "the block is left by stop: put back, then undone" {
  given lag = 500ms
  expect action resume before `page-them`
  expect escalation to owner matching "suspiciously empty"
  expect escalated
}
test "the block is left where nothing handles it: put back, then undone" {
  given lag = 5s
  given action pause takes 3s
  given lag is none from 2s
  expect action resume before `page-them`
  expect escalation to owner
  expect escalated
}
test "it fails: the block is skipped, it is put back, and the else is taken" {
  given lag = 5s
  given action pause fails
  expect action resume
  expect record matching "it did not pause"
  expect record matching "5s"
  expect resolved
}
test "what puts it back fails: the run stops and the owner is paged" {
  given lag = 5s
  given action resume fails "connection refused"
  expect escalation to owner matching "connection refused"
  expect action `notify`
  expect no record
  expect escalated
}
test "it fails and is not put back: the else is not taken" {
  given lag = 5s
  given action pause fails
  given action resume fails
  expect escalation to owner
  expect no record
  expect escalated
}
