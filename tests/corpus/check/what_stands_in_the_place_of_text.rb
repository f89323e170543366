runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"
metric disk by mount in % from prometheus "b"
let out = `ls`

escalate to p99 because disk
escalate to "api-oncall" because ["a"]
record disk to p99
record p99
record out
resolve {a: 1}
