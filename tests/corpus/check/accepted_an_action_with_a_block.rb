runbook "T"
owner "api-oncall"
define resume(queue) as `qctl resume #{queue}`
metric lag in s from prometheus "a"

check lag < 5m else or unknown {}
action `qctl pause orders` within 2m {
  wait until lag < 10s within 10m else or unknown { resolve "put back all the same" }
} finally resume("orders"), "Tell the team" else { escalate to owner because "it did not pause" }
action `deploy` undo `undeploy`, `clean` finally `notify` {
  check lag < 5s
}
action "Freeze deploys" { check "Is it frozen?" } finally "Unfreeze deploys"
wait until lag < 1s within 5m
