runbook "T"
owner "api-oncal"
metric p99 in s from promethus "a"
metric p50 in s from promethus "b"
metric shop from datadog "b"
define deploy() as deploier "job"
define job() as ansible "job"

check p99 < 500ms
check p50 < 500ms
check shop < 3
action deploy() by "database-oncal"
action job()
escalate to "nobody at all" because "x"
record "x" to "incident"
record "x" to "elsewhere"
check "Really?" by "manager"
escalate to database
