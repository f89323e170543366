runbook "T"
owner "api-oncall"
param on = true
metric p99 in s from prometheus "a"

check p99 < 5s unknown or else { stop "both" }
check p99 < 4s else or unknown { stop "both" } unknown { stop "again" }
check p99 < 3s unknown { stop "first" } else or unknown { stop "both" }
check on else or unknown { stop "cannot be unknown" }
action `deploy` else or unknown { stop "failed" }
escalate to "database-oncall" else or unknown { stop "failed" }
run "files/other.rb" else or unknown { stop "failed" }
wait until p99 < 2s within 5m
