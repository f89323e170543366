runbook "Nightly"
owner   "infra-oncall"
trigger schedule "0 3 * * *" for 1h

let begun = now

step "Rotate" {
  record "rotated at #{now}, #{begun}"
  if now > time("2026-07-01T00:00:00Z") { record "in summer" }
}

test "by itself when the schedule comes round: then the window is open" {
  expect record matching "rotated at 2026-05-02T03:00:00Z"
  expect resolved
}

test "by hand, while it is open" {
  given now = time("2026-05-10T03:59:59Z")
  expect record matching "rotated at 2026-05-10T03:59:59Z"
  expect no record matching "in summer"
  expect resolved
}

test "by hand, once it has closed" {
  each {
    given now = time("2026-05-10T04:00:00Z")
    given now = time("2026-05-10T02:59:59Z")
  }
  expect no record
  expect escalation to "infra-oncall" matching "window closed"
}

test "the line of a table goes before the others" {
  given now = time("2026-05-10T04:00:00Z")
  each {
    given now = time("2026-08-10T05:00:00+02:00")
    given now = time("2026-08-10T00:00:00-03:30")
  }
  expect record matching "in summer"
  expect resolved
}
