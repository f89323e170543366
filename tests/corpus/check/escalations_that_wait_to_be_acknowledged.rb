runbook "T"
owner "api-oncall"
metric lag in s from prometheus "a"

check lag < 5m else {
  escalate to owner acknowledged within 15
  escalate to owner acknowledged within 0s
  escalate to owner acknowledged
  escalate to owner because "x" acknowledged within 5m acknowledged within 6m
  escalate to owner acknowledged within 5m because "x" because "y"
}
