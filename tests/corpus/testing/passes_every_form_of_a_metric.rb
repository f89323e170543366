runbook "Metrics"
owner "api-oncall"
metric p99 in s from prometheus "a"
metric lag(node) in ms from prometheus "l{node='#{node}'}"
metric disk by mount, host in % from prometheus "b"

step "Look" {
  "p99 #{p99}, db-1 #{lag("db-1")}, db-2 #{lag("db-2")}, max #{max(disk)}, count #{count(disk)}"
  record "p99 #{p99}, db-1 #{lag("db-1")}, db-2 #{lag("db-2")}, max #{max(disk)}, count #{count(disk)}"
  wait 5m
  record "later p99 #{p99}"
}

test "values in any unit of the kind, and what nothing gives is no data" {
  given p99 = 812ms
  given p99 = 2m from 3m
  given lag("db-1") = 2s
  given disk {mount: "/", host: "a"} = 50%
  given disk {mount: "/", host: "b"} = 95%
  expect record matching "p99 812ms, db-1 2s, db-2 no data, max 95%, count 2"
  expect record matching "later p99 2m"
}

test "samples: each in its turn, and the last one stays" {
  each {
    given p99 = [1s, 2s x 3, 9s] every 1m
    given p99 = [1s x 2, 9s] every 2m
    given p99 = [1s, 9s] every 1m from 0.5m
    given p99 = [7s x 30, 9s] every 10s
  }
  expect record matching "later p99 9s"
}

test "faults, each by its own name" {
  given lag("db-1") = 1ms
  each {
    given p99 is none
    given p99 is nan
    given p99 is stale 10m
    given p99 has 3 series
    given provider prometheus is down
    given provider prometheus is slow 60s
    given provider prometheus is error "query timed out"
  }
  expect record matching "p99 (no data|not a number|the newest sample is 10m old|3 series, which differ in `series`|prometheus: connection refused|no answer from prometheus within 10s|query timed out)"
  expect resolved within 7m
}

test "a series that is not well is one of several" {
  given disk {mount: "/", host: "a"} = 40%
  each {
    given disk {mount: "/", host: "b"} is nan
    given disk {mount: "/", host: "b"} is stale 1h
    given disk {mount: "/", host: "a"} has 2 series
    given disk is nan
  }
  expect record matching "max (//b: not a number|the newest sample|several series of one mount, host|//a: not a number)"
}

test "a slow provider takes its time" {
  given p99 = 1s
  given provider prometheus is slow 3s
  expect record matching "p99 1s"
  expect resolved within 6m
}
