runbook "Changes"
owner "api-oncall"
param limit = 500ms
param names = "x"
metric p99 in s from prometheus "a"
define restart() as `restart`
define purge() as `purge`

repeat up to 3 times every 1m until p99 < limit {
  "Is it you, #{names}?"
  action restart() else { "it does not restart" }
  check `ready` unknown { record "not ready" }
  check "Better?" unknown { record "unsure" }
} else {
  action purge()
}
record "p99 #{p99}"

test "an action changes the world each time" {
  given p99 = 3s
  after action restart() {
    given p99 = 2s after 30s
    given probe `ready` = yes
    answer "Better?" with yes
  }
  after action purge() { given p99 = 100ms }
  expect action purge()
  expect no record matching "not ready|unsure"
  expect record matching "p99 100ms"
}

test "what did not succeed changes nothing" {
  given p99 = 3s
  given action restart fails
  answer "Better?" with yes
  after action restart() { given p99 = 100ms }
  after action purge() { given provider prometheus is down }
  expect record matching "not ready"
  expect record matching "p99 prometheus: connection refused"
}

test "the same question again: each answer in its turn" {
  given p99 = 3s
  given probe `ready` = yes
  answer "Better?" with "not sure"
  answer "Better?" with yes
  expect record matching "unsure"
  expect resolved
}

test "every line of one table with every line of the other" {
  param limit = 5s
  given probe `ready` = yes
  answer "Better?" with "not sure"
  each {
    given p99 = 1s
    given p99 = 2s
    param names = "y"
  }
  each {
    answer "Better?" with yes
    given p99 = 4s
  }
  expect no action purge
}
