runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"

check 1s < p99 < 2s
check p99 == 2s == true
check (p99 < 2s) == true
