runbook "T"
owner "api-oncall"
use "files/common.rb"
metric p99 in s from prometheus "b"

check p99 < limit
