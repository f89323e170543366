runbook "Latency"
trigger alert "LatencyHigh" where severity = "page"
owner   "api-oncall"

param service: text = "none"

define restart() as `systemctl restart api`

step "Look" {
  record "#{alert.name} on #{service} in #{alert.labels.region}, firing #{alert.firing}"
  if not alert.firing { resolve "it is over" } unknown { record "nobody can say: #{alert.firing}" }
  action restart()
  wait until not alert.firing for 1m within 30m else {
    escalate to owner because "it still fires"
  } unknown {
    escalate to owner because "unknown to the end: #{alert.firing}"
  }
}

test "an alert that starts the run fires until something else is given" {
  given alert "LatencyHigh" {severity: "page", service: "api", region: "eu"}
  expect record matching "LatencyHigh on api in eu, firing true"
  expect action restart()
  expect escalation matching "it still fires"
}

test "it is over at once" {
  given alert "LatencyHigh" {service: "api"}
  given alert.firing = no
  expect record matching "LatencyHigh on api in no field `region`, firing false"
  expect no action
  expect resolved
}

test "it is over later" {
  given alert "LatencyHigh"
  given alert.firing = no from 5m
  expect action restart()
  expect no escalation
  expect resolved within 7m
}

test "the restart ends it, and then it fires again" {
  given alert "LatencyHigh"
  after action restart() {
    given alert.firing = no after 2m
    given alert.firing = yes after 2m30s
  }
  expect escalation matching "it still fires"
}

test "nobody can say" {
  given alert "LatencyHigh"
  each {
    given alert.firing = unknown
    given alert.firing is none
  }
  expect record matching "nobody can say: it is unknown whether it fires"
  expect escalation matching "unknown to the end"
}

test "without an alert nothing fires and nothing does not" {
  expect record matching "no alert started this run on none in no alert started this run, firing no alert started this run"
  expect record matching "nobody can say: no alert started this run"
}

test "what is given holds without an alert" {
  given alert.firing = yes
  given alert.firing = no from 5m
  expect no escalation
  expect resolved
}

test "labels fill the parameters, and a parameter of the test comes first" {
  given alert "LatencyHigh" {service: "api"}
  param service = "shop"
  given alert.firing = no
  expect record matching "LatencyHigh on shop"
}
