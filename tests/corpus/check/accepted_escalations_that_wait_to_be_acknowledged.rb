runbook "T"
owner "api-oncall"
metric lag in s from prometheus "a"

check lag < 5m else {
  escalate to "database-oncall" because "lag is #{lag}"
    acknowledged within 15m
    else { escalate to owner because "the database team does not answer" }
  escalate to owner acknowledged within 5m because "still"
}
