runbook "x"
owner "api-oncall"
limit 3 runs in 1h by service
limit 1 run in 5m
limit 2 at once by service
limit 10 at once
param service = "api"
define restart(name) as `systemctl restart #{name}` at most 2 in 24h
define call(name) as "Call #{name}" at most 1 in 1h
let name = "disk-#{service}"

check "Is #{service} down?" else { resolve "no" }
lock "db-#{service}" within 5m else { escalate to owner because "locked" }
lock name
lock name
    within 2m
    else { stop "locked" }
action restart(service) within 2m
check "Is it up?"
action call("ana")
