runbook "T"
owner "api-oncall"
param unused_param = "api"
metric p99 in s form prometheus "a"

check p99 < 500ms
check 5 minutes
