runbook "x"
owner "api-oncall"
check "is it real? else { resolve "x" }
action `systemctl restart x
let a = [1, 2
let b = max(1, 2
let c = {name: "x"
resolve "ok
