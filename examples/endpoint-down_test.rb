tests for "endpoint-down.rb"

test "it answers, with a good certificate" {
  given port = "open"
  given verdict = "valid"
  given left = 60d
  expect no action
  expect resolved
}

test "a unit that has failed is restarted" {
  given port = "refused"
  given state = "failed"
  given verdict = "valid"
  given left = 60d
  after action restart { given port = "open" after 20s }
  expect action restart
  expect no escalation
  expect resolved within 5m
}

test "a unit that is active is not restarted" {
  given port = "refused"
  given state = "active"
  expect no action
  expect escalation to "infra-oncall" matching "is active"
}

test "a certificate that nobody accepts" {
  given port = "open"
  given verdict = "expired"
  expect escalation to "infra-oncall" matching "is expired"
}

test "port is not \"open\" in time: infra-oncall is called" {
  given port = "refused"
  given state = "open"
  expect action restart(unit: "nginx.service")
  expect escalation to "infra-oncall" matching "and nothing listens at"
  expect step "Does something listen?"
  expect no step "Is its certificate accepted?"
  expect escalated within 2m
}

test "restart(unit) fails: infra-oncall is called" {
  given port = "refused"
  given state = "something else"
  given action restart hangs
  expect action restart(unit: "nginx.service")
  expect escalation to "infra-oncall" matching "could not be restarted"
  expect step "Does something listen?"
  expect no step "Is its certificate accepted?"
  expect escalated within 2m
}

test "port is unknown: infra-oncall is called" {
  given port is none
  expect no action
  expect escalation to "infra-oncall" matching "port.*is unknown"
  expect step "Does something listen?"
  expect no step "Is its certificate accepted?"
  expect escalated
}

test "verdict is unknown: infra-oncall is called" {
  given port = "active"
  given verdict is none
  expect no action
  expect escalation to "infra-oncall" matching "verdict.*is unknown"
  expect escalated
}

test "state is unknown: infra-oncall is called" {
  given port = "refused"
  given state is none
  expect no action
  expect escalation to "infra-oncall" matching "state.*is unknown"
  expect step "Does something listen?"
  expect no step "Is its certificate accepted?"
  expect escalated
}

test "left or soon is unknown: infra-oncall is called" {
  given port = "active"
  given verdict = "valid"
  given left is none
  expect no action
  expect escalation to "infra-oncall" matching "left.*is unknown"
  expect escalated
}

test "the page to the owner does not arrive: nobody can be called" {
  given port = "refused"
  given state = "active"
  given team "infra-oncall" is down
  expect no action
  expect no escalation
  expect step "Does something listen?"
  expect no step "Is its certificate accepted?"
  expect failed
}

test "verdict is not \"valid\", the page to the owner does not arrive: nobody can be called" {
  given port = "open"
  given verdict = "active"
  given team "infra-oncall" is down
  expect no action
  expect no escalation
  expect failed
}

test "left is at most soon: resolved" {
  given port = "active"
  given verdict = "valid"
  given left = 3.5d
  expect no action
  expect no escalation
  expect record matching "the certificate of"
  expect resolved
}

test "port is not \"open\" in time, the page to the owner does not arrive: nobody can be called" {
  given port = "refused"
  given state = "open"
  given team "infra-oncall" is down
  expect action restart(unit: "nginx.service")
  expect no escalation
  expect step "Does something listen?"
  expect no step "Is its certificate accepted?"
  expect failed within 2m
}

test "restart(unit) fails, the page to the owner does not arrive: nobody can be called" {
  given port = "refused"
  given state = "open"
  given team "infra-oncall" is down
  given action restart hangs
  expect action restart(unit: "nginx.service")
  expect no escalation
  expect step "Does something listen?"
  expect no step "Is its certificate accepted?"
  expect failed within 2m
}

test "port is unknown when the time is up: infra-oncall is called" {
  given port = "refused"
  given port is none from 1s
  given state = "open"
  expect action restart(unit: "nginx.service")
  expect escalation to "infra-oncall" matching "port.*is unknown"
  expect step "Does something listen?"
  expect no step "Is its certificate accepted?"
  expect escalated within 2m
}

test "left is exactly soon (14d): resolved" {
  given port = "active"
  given verdict = "valid"
  given left = 14d
  expect no action
  expect no escalation
  expect record matching "the certificate of"
  expect resolved
}

test "left is just over soon (14d): resolved" {
  given port = "active"
  given verdict = "valid"
  given left = 14.1d
  expect no action
  expect no escalation
  expect resolved
}

test "restart(unit: \"nginx.service\") takes exactly 2m: infra-oncall is called" {
  given port = "refused"
  given state = "open"
  given action restart takes 2m
  expect action restart(unit: "nginx.service")
  expect escalation to "infra-oncall" matching "and nothing listens at"
  expect step "Does something listen?"
  expect no step "Is its certificate accepted?"
  expect escalated within 4m
}

test "restart(unit: \"nginx.service\") takes just over 2m: infra-oncall is called" {
  given port = "refused"
  given state = "open"
  given action restart takes 2m1s
  expect action restart(unit: "nginx.service")
  expect escalation to "infra-oncall" matching "could not be restarted"
  expect step "Does something listen?"
  expect no step "Is its certificate accepted?"
  expect escalated within 2m
}

test "port is \"open\" in time: infra-oncall is called" {
  given port = "refused"
  given port = "open" from 2m
  given state = "open"
  expect action restart(unit: "nginx.service")
  expect escalation to "infra-oncall" matching "verdict.*is unknown"
  expect escalated within 2m
}

test "it ends in a little more than two weeks" {
  given port = "open"
  given verdict = "valid"
  given left = 15d
  expect no record
  expect resolved
}

test "a certificate that nobody accepts is looked at first" {
  given port = "open"
  given verdict = "expired"
  given left = 3d
  expect escalation to "infra-oncall" matching "is expired"
  expect no record
}
