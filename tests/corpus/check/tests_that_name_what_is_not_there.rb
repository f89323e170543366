runbook "T"
owner "api-oncall"
param service = "api"
metric p99 in s from prometheus "a"
metric disk by mount in % from prometheus "b"
define rollback(service) as `kubectl rollout undo #{service}`

step "Look" {
  check p99 < 500ms and any disk < 90% else { action rollback(service) }
}

test "names" {
  param servce = "x"
  param service = 5
  given p98 = 3s
  given p99 = 3
  given p99 = 3GB
  given p99 = [180ms x 10, 900 x 20] every 1m
  given disk = 95%
  given disk {mount: "/"} = 95%
  given disk {mont: "/"} = 95%
  given provider promtheus is down
  given provider prometheus is slow 5
  given action rolback fails
  given action rollback fails
  given p99 is stale 5m
  given p99 has 3 series
  given now = 5m
  given now is none
  given now = time("2026-05-03T03:30:00Z") from 5m
  after action rollback(service: "x") { given p99 = 120ms after 2m }
  after action rollback { given now = time("2026-05-03T03:30:00Z") }
  answer "Really?" with yes after 5
  expect action rollback(servce: "x")
  expect record matching "("
  expect step "Lok"
  expect step "Look"
  expect resolved within 5m
}
