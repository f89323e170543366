runbook "T"
owner "api-oncall"
param service = "api"
param really = true
metric p99 in s from prometheus "a"
metric disk by mount in % from prometheus "b"

check p99
check disk
check service
check really
let out = `ls`
check out
check ["a"]
check not p99
check really and service
check out.status == 0
check 5
if p99 { "x" }
wait until disk within 5m
let list = ["a"]
repeat up to 3 times until list { "x" }
