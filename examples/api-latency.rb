runbook "API latency alert (p99 over 500ms)"

trigger alert "ApiLatencyP99High" where severity = "page"
owner   "api-oncall"
link    "Latency dashboard" "https://grafana.example.com/d/api-latency"

param service = "api"

metric p99 in s from prometheus """
  histogram_quantile(
    0.99,
    sum by (le) (rate(http_request_duration_seconds_bucket{service="#{service}"}[5m]))
  )
"""
metric deploy_age in s from prometheus "time() - max(deploy_timestamp_seconds{service='#{service}'})"
metric pool in % from prometheus "100 * db_pool_in_use / db_pool_size"

define rollback(service) as `kubectl rollout undo deployment/#{service}`

step "Confirm that the alert is real" {
  if p99 < 500ms {
    resolve "p99 is back at #{p99}: nothing to do"
  }
}

step "Roll back a deploy that lines up" {
  if deploy_age < 30m {
    action rollback(service) within 5m
    wait until p99 < 500ms within 10m else {
      escalate to owner because "p99 is still #{p99} after the rollback"
    }
  } else {
    check pool < 90% else {
      escalate to "database-oncall" because "the connection pool is at #{pool}"
    }
  }
}

step "Record the cause" {
  wait until p99 < 500ms for 5m within 1h every 30s
  let cause = ask "What was the cause?" within 30m
  record "p99 recovered to #{p99}. Cause: #{cause}" to "incidents"
}

test "a deploy lines up: roll back and recover" {
  param service = "api"
  given p99 = 800ms
  given deploy_age = 12m
  after action rollback(service: "api") { given p99 = 120ms after 2m }
  answer "What was the cause?" with "bad deploy"
  expect action rollback(service: "api")
  expect record matching "bad deploy"
  expect no escalation
  expect resolved within 15m
}

test "whatever breaks, a person is called and nothing is touched" {
  each {
    given p99 is none
    given p99 is nan
    given p99 has 3 series
    given provider prometheus is down
    given provider prometheus is slow 60s
  }
  expect no action
  expect escalation to "api-oncall"
}
