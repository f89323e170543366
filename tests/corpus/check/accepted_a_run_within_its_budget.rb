# budget of minutes: 45
runbook "API latency"
owner   "api-oncall"
metric p99 in s from prometheus "job:latency:p99"

wait until p99 < 500ms within 30m else { escalate to owner because "p99 is #{p99}" }
