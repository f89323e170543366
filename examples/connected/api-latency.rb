runbook "API latency alert, handled with everybody informed"

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

define rollback(service) as aws "Api-Rollback"

step "Confirm that the alert is real" {
  if p99 < 500ms {
    resolve "p99 is back at #{p99}: nothing to do"
  }
}

step "Tell those who have to know" {
  escalate to owner because "p99 is #{p99}"
  record "p99 is #{p99}; the last deploy was #{deploy_age} ago" to "incidents"
}

step "Roll back a deploy that lines up" {
  check deploy_age < 30m
  action rollback(service) within 15m
  record "the last deploy was rolled back" to "incidents"
  wait until p99 < 500ms within 10m every 15s
}

step "Record the cause" {
  let cause = ask "What was the cause?" by "api-oncall" within 30m
  record "p99 recovered to #{p99}. Cause: #{cause}" to "incidents"
  record "Latency of #{service}: p99 recovered to #{p99}. Cause: #{cause}" to "reports"
}

resolve "p99 recovered to #{p99}"
