runbook "T"
owner "api-oncall"
param on = true

check on else or unknown { stop "off" }
"on"
