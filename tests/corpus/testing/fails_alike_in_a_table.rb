runbook "API latency"
owner "api-oncall"
metric p99 in s from prometheus "a"
check p99 < 500ms unknown { resolve "nothing to see" }

test "whatever breaks, a person is called" {
  each {
    given p99 is none
    given p99 is nan
    given p99 has 3 series
    given provider prometheus is down
    given p99 = 800ms
    given p99 = 100ms
  }
  expect escalation to "api-oncall"
}
