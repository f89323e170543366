# The paths through the runbook; the connections of rbl.toml are not used in tests.
tests for "api-latency.rb"

test "a deploy lines up: it is rolled back, and everybody hears of it" {
  given p99 = 800ms
  given deploy_age = 12m
  after action rollback(service: "api") { given p99 = 120ms after 2m }
  answer "What was the cause?" with "bad deploy" after 20m
  expect action rollback(service: "api")
  expect escalation to "api-oncall"
  expect record matching "^p99 recovered to 120ms. Cause: bad deploy"
  expect record matching "^Latency of api: .* Cause: bad deploy"
  expect resolved within 40m
}

test "it is over before anybody looks" {
  given p99 = 480ms
  expect no action
  expect no escalation
  expect resolved within 1m
}

test "no deploy lines up" {
  given p99 = 800ms
  given deploy_age = 5h
  expect no action
  expect escalation to "api-oncall"
  expect no step "Record the cause"
}

test "the rollback does not help, or cannot be done" {
  given p99 = 800ms
  given deploy_age = 12m
  each {
    given action rollback fails "no such document"
    after action rollback(service: "api") { given p99 = 700ms after 1m }
  }
  expect escalation to "api-oncall"
  expect no step "Record the cause"
}

test "p99 is unknown: api-oncall is called" {
  given p99 is none
  expect no action
  expect escalation to "api-oncall" matching "p99.*is unknown"
  expect step "Confirm that the alert is real"
  expect no step "Tell those who have to know"
  expect escalated
}

test "deploy_age is unknown: api-oncall is called" {
  given p99 = 2s
  given deploy_age is none
  expect no action
  expect escalation to "api-oncall" matching "p99 is"
  expect record matching "the last deploy was no data"
  expect step "Roll back a deploy that lines up"
  expect no step "Record the cause"
  expect escalated
}

test "the page to the owner does not arrive: nobody can be called" {
  given p99 = 2s
  given team "api-oncall" is down
  expect no action
  expect no escalation
  expect step "Tell those who have to know"
  expect no step "Roll back a deploy that lines up"
  expect failed
}

test "p99 is unknown when the time is up: api-oncall is called" {
  given p99 = 2s
  given p99 is none from 1s
  given deploy_age = 450s
  expect action rollback(service: "api")
  expect escalation to "api-oncall" matching "p99 is"
  expect record matching "the last deploy was"
  expect record matching "the last deploy was rolled back"
  expect step "Roll back a deploy that lines up"
  expect no step "Record the cause"
  expect escalated within 10m
}

test "p99 is just under 500ms: resolved" {
  given p99 = 0.499s
  given deploy_age is none
  expect no action
  expect no escalation
  expect step "Confirm that the alert is real"
  expect no step "Tell those who have to know"
  expect resolved
}

test "p99 is exactly 500ms: api-oncall is called" {
  given p99 = 0.5s
  given deploy_age is none
  expect no action
  expect escalation to "api-oncall" matching "p99 is"
  expect record matching "the last deploy was no data"
  expect step "Roll back a deploy that lines up"
  expect no step "Record the cause"
  expect escalated
}

test "deploy_age is just under 30m: api-oncall is called" {
  given p99 = 2s
  given p99 is none from 1s
  given deploy_age = 1794s
  expect action rollback(service: "api")
  expect escalation to "api-oncall" matching "p99 is"
  expect record matching "the last deploy was"
  expect record matching "the last deploy was rolled back"
  expect step "Roll back a deploy that lines up"
  expect no step "Record the cause"
  expect escalated within 10m
}

test "deploy_age is exactly 30m: api-oncall is called" {
  given p99 = 2s
  given p99 is none from 1s
  given deploy_age = 1800s
  expect no action
  expect escalation to "api-oncall" matching "p99 is"
  expect record matching "the last deploy was"
  expect step "Roll back a deploy that lines up"
  expect no step "Record the cause"
  expect escalated
}

test "p99 is just under 500ms, p99 is under 500ms: resolved" {
  given p99 = 0.499s
  given p99 is none from 1s
  given deploy_age = 450s
  expect no action
  expect no escalation
  expect step "Confirm that the alert is real"
  expect no step "Tell those who have to know"
  expect resolved
}

test "p99 is exactly 500ms, p99 is unknown when the time is up: api-oncall is called" {
  given p99 = 0.5s
  given p99 is none from 1s
  given deploy_age = 450s
  expect action rollback(service: "api")
  expect escalation to "api-oncall" matching "p99 is"
  expect record matching "the last deploy was"
  expect record matching "the last deploy was rolled back"
  expect step "Roll back a deploy that lines up"
  expect no step "Record the cause"
  expect escalated within 10m
}

test "rollback(service: \"api\") takes exactly 15m: api-oncall is called" {
  given p99 = 2s
  given p99 is none from 1s
  given deploy_age = 450s
  given action rollback takes 15m
  expect action rollback(service: "api")
  expect escalation to "api-oncall" matching "p99 is"
  expect record matching "the last deploy was"
  expect record matching "the last deploy was rolled back"
  expect step "Roll back a deploy that lines up"
  expect no step "Record the cause"
  expect escalated within 25m
}

test "rollback(service: \"api\") takes just over 15m: api-oncall is called" {
  given p99 = 2s
  given p99 is none from 1s
  given deploy_age = 450s
  given action rollback takes 15m1s
  expect action rollback(service: "api")
  expect escalation to "api-oncall" matching "p99 is"
  expect record matching "the last deploy was"
  expect step "Roll back a deploy that lines up"
  expect no step "Record the cause"
  expect escalated within 15m
}

test "p99 is under 500ms in time: resolved, and api-oncall is called" {
  given p99 = 0.5s
  given p99 = 0.499s from 1s
  given deploy_age = 1s
  expect action rollback(service: "api")
  expect escalation to "api-oncall" matching "p99 is"
  expect record matching "the last deploy was"
  expect record matching "the last deploy was rolled back"
  expect record matching "p99 recovered to"
  expect resolved within 31m
}

test "rollback(service) is done, p99 is under 500ms in time: resolved, and api-oncall is called" {
  given p99 = 2s
  given p99 = 0.499s from 10m
  given deploy_age = 1794s
  given deploy_age = 1806s from 90s
  expect action rollback(service: "api")
  expect escalation to "api-oncall" matching "p99 is"
  expect record matching "the last deploy was"
  expect record matching "the last deploy was rolled back"
  expect record matching "p99 recovered to"
  expect resolved within 40m
}
