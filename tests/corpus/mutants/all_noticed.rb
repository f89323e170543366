# Tests at each boundary: no change goes by unnoticed.
runbook "All noticed"
owner "api-oncall"

metric p99 in ms from prometheus "p99"
define restart() as `restart`

check p99 < 500ms else {
  action restart() within 2m
  check "Did it help?" within 10m else { escalate to "database-oncall" }
}

test "just under" {
  given p99 = 499ms
  expect no action
  expect resolved
}

test "at exactly 500ms it is too slow" {
  given p99 = 500ms
  given action restart takes 90s
  answer "Did it help?" with yes after 8m
  expect action restart
  expect resolved
}

test "a restart that takes longer is given up" {
  given p99 = 500ms
  given action restart takes 3m
  answer "Did it help?" with yes
  expect escalation to "api-oncall" matching "restart"
}

test "nobody says whether it helped" {
  given p99 = 900ms
  answer "Did it help?" with yes after 15m
  expect escalation to "api-oncall" matching "Did it help"
}

test "it did not help" {
  given p99 = 900ms
  answer "Did it help?" with no
  expect escalation to "database-oncall"
}
