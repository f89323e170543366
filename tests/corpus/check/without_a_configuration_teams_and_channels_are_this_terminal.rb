# without rbl.toml
runbook "T"
owner "anybody"
metric p99 in s from prometheus "sum(a"
metric p50 in s from prometheus "b"
metric free from host "disk.fre"
define deploy() as deployer "job"

check p99 < 500ms and p50 < 500ms and free > 3
action deploy() by "somebody"
escalate to "nobody at all" because "x"
record "x" to "incident"
