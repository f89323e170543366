runbook "Outer"
owner "api-oncall"
param host = "db-2"
metric p99 in s from prometheus "a"
check p99 < 500ms for 10m
run "files/inner.rb" with (host: host)

test "history, and what belongs to the other runbook" {
  given p99 = 120ms from -1h
  given p99 = [100ms, 200ms x 3] every 1m from -30m
  given p99 is none from 20m
  given lag("db-2") = 5s
  given provider prometheus is slow 2s
  given action failover("db-2") takes 2m
  after action failover {
    given lag("db-2") = 1s after 30s
    answer "Is db-2 back?" with no
  }
  answer "Is #{host} back?" with "yes: it is"
  each {
    given p99 = 3s
    param host = "db-2"
    expect no step "Lag"
    after action `failover db-2` { given p99 is nan }
  }
  each { given p99 = 1s }
  expect action failover(node: host)
  expect escalation to "anybody" matching "x"
  expect record matching "failed over db-2"
  expect step "Lag"
  expect failed within 2h
}
