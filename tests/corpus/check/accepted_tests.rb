runbook "Every form of a test"
owner "api-oncall"
param service = "api"
metric p99 in s from prometheus "a"
metric lag(node) in s from prometheus "l{node='#{node}'}"
metric disk by instance in % from prometheus "b"
define rollback(service) as `kubectl rollout undo deployment/#{service}`

step "Look" {
  check p99 < 500ms and lag("db-1") < 3s and every disk < 90% and `pg_isready` no on 2 and "Really?" else {
    action rollback(service)
    action `reboot db-1`
    action "Call them"
    record "done" to "incidents"
    escalate to owner
  }
}

test "all of it" {
  param service = "web"
  given now = time("2026-05-03T03:30:00+02:00")
  given p99 = 800ms
  given p99 = 200ms from 5m
  given p99 = [180ms x 10, 900ms x 20] every 1m
  given lag("db-1") = 2s
  given disk {instance: "a"} = 95%
  given p99 is none
  given p99 is nan
  given p99 is stale 5m
  given p99 has 3 series
  given provider prometheus is down
  given provider prometheus is slow 60s
  given provider prometheus is error "oops"
  given team "api-oncall" is down
  given team "api-oncall" is slow 2m
  given team "api-oncall" is error "on holiday"
  given channel "incidents" is down
  given channel "incidents" is slow 2m
  given channel "incidents" is error "archived"
  given action rollback fails "no such deployment"
  given action `reboot db-1` hangs
  given action "Call them" takes 5m
  given action rollback prints "done"
  given probe `pg_isready` = no
  given probe `pg_isready` prints "x"
  answer "Really?" with "not sure" after 2m
  answer "Call them" with done
  after action rollback(service: "web") { given p99 = 120ms after 2m; given team "api-oncall" is down }
  each {
    given p99 is none
    given p99 = 3s
    given channel "incidents" is down
  }
  expect action rollback(service: "web")
  expect no action `reboot db-1`
  expect action
  expect escalation to "api-oncall" matching "p99"
  expect record matching "done|over"
  expect step "Look"
  expect no step "Look"
  expect resolved within 15m
}
