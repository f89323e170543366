runbook "T"
owner "api-oncall"
param unused_param = "api"
param _kept = "api"
secret token from env "TOKEN"
metric p99 in s from prometheus "a"
metric lag(node) in s from prometheus "b"
define rollback(service) as `kubectl rollout undo`
define hand_on(job_option) as rundeck "job"
let limit = 5
let late(x, y) = x > 3

check lag("a") < 3s
action hand_on("x")
action `ls` as listing
let cause = ask "Why?"
let _ignored = ask "Any more?"
for each host in ["a", "b"] { "Look at it" }
