runbook "T"
owner "api-oncall"
metric error_ratio in ratio from prometheus "a"
metric pool in % from prometheus "b"
metric errors from prometheus "c"
metric total from prometheus "d"

check error_ratio < 5
check pool < 0.9
check errors < 5%
check errors < pool
check errors / total < 5%
check errors / total < 0.05
check error_ratio * 100 < 5
