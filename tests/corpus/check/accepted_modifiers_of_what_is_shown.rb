runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"

# A limit after a text that is shown belongs to what shows it.
check "Is it real?" showing "the plan", p99 within 5m by "api-oncall" else or unknown { stop "not real" }
action "Roll it back" showing "the plan" within 10m else { escalate to owner because "not rolled back" }
let ok = "Is it safe?" by "api-oncall" and p99 < 5s
check ok else or unknown { stop }
