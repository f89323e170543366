runbook "Who is told"
owner "api-oncall"
param team = "database-oncall"
define restart() as `restart`

check "Well?" else {
  escalate to team because "ill" else {
    record "#{team} did not come" to "incidents"
    escalate to "network-oncall" because "still ill" else { record "alone" }
  }
}
action restart()
check "Better?"
record "seen to" to "incidents"

test "everybody is told" {
  answer "Well?" with no
  answer "Better?" with yes
  expect escalation to "database-oncall" matching "ill"
  expect no record matching "did not come"
  expect escalated within 1s
}

test "who cannot be paged is not: the next one is" {
  answer "Well?" with no
  answer "Better?" with yes
  each {
    given team "database-oncall" is down
    given team "database-oncall" is error "nobody is on call"
    given team "database-oncall" is slow 10m
    given team "#{team}" is down
  }
  expect no escalation to "database-oncall"
  expect record matching "^database-oncall did not come$"
  expect escalation to "network-oncall" matching "^still ill$"
  expect no record matching "alone"
  expect escalated
}

test "a page that takes its time holds the run up" {
  answer "Well?" with no
  answer "Better?" with yes
  given team "database-oncall" is slow 9m
  given channel "incidents" is slow 2m
  expect escalation to "database-oncall"
  expect escalated within 11m
}

test "nobody can be paged, and every arm is done" {
  answer "Well?" with no
  answer "Better?" with yes
  given team "database-oncall" is down
  given team "network-oncall" is down
  expect record matching "alone"
  expect no escalation
  expect resolved
}

test "the owner cannot be paged, and the run says so" {
  answer "Well?" with yes
  answer "Better?" with no
  given team "api-oncall" is down
  expect no escalation
  expect failed
}

test "what is only about one team is about no other" {
  answer "Well?" with yes
  answer "Better?" with no
  given team "database-oncall" is down
  given channel "incidents" is down
  expect escalation to "api-oncall"
  expect escalated
}

test "a record that cannot be posted stops nothing" {
  answer "Well?" with yes
  answer "Better?" with yes
  each {
    given channel "incidents" is down
    given channel "incidents" is error "archived"
    given channel "incidents" is slow 1h
  }
  expect record matching "seen to"
  expect resolved within 10m
}

test "what an action breaks" {
  answer "Well?" with no
  answer "Better?" with no
  after action restart {
    given team "api-oncall" is down
    given team "database-oncall" is down
  }
  expect escalation to "database-oncall"
  expect no escalation to "api-oncall"
  expect escalated
}

test "what an action breaks, and nobody was told before" {
  answer "Well?" with yes
  answer "Better?" with no
  after action restart { given team "api-oncall" is down }
  expect failed
}
