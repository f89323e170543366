runbook "API latency alert"
owner   "api-oncall"
param   often = 10ms
metric p99 in s from prometheus "job:latency:p99"

wait until p99 < 500ms within 5m every 1ms else { stop "p99 did not recover" }
wait until p99 < 400ms within 5m every often else { stop "p99 did not recover" }
wait until p99 < 300ms within 5m every 100ms else { stop "p99 did not recover" }
