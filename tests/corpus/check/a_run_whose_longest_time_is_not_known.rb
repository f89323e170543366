# budget of minutes: 45
runbook "API latency"
owner   "api-oncall"
param limit : duration
metric p99 in s from prometheus "job:latency:p99"

wait until p99 < 500ms within limit else { escalate to owner because "p99 is #{p99}" }
