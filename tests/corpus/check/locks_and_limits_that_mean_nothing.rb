runbook "x"
owner "api-oncall"
limit 0 runs in 1h
limit 2 runs in 1h by nodes
limit 3 runs in 5
limit much at once
limit 2 at once
limit 1 at once
param node = "a"
param much = 3
metric load from host "load.1"
define restart(name) as `systemctl restart #{name}` at most much in 24h
define stop_it(name) as `systemctl stop #{name}` at most 1 in 0s

check "Is #{node} slow?" else { resolve }
lock 5
lock ""
lock load within 3
lock "a" within 0s
action restart(node)
action stop_it(node)
check "#{much}?"
