# budget of minutes: 45
runbook "API latency"
owner   "api-oncall"
metric p99 in s from prometheus "job:latency:p99"
define rollback() as `kubectl rollout undo deployment/api`

step "Roll back" {
  action rollback() within 5m retry 2
}
step "Recovered?" {
  wait until p99 < 500ms within 40m else { escalate to owner because "p99 is #{p99}" }
}
