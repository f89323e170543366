runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"

escalate to "database-oncall" within 15m
escalate to "database-oncall" because "x" every 5m
escalate to "database-oncall" because "x" retry 3
escalate to "database-oncall" because "x" among ["a"]
record "x" retry 2
record "x" every 5m
record "x" among ["a"]
record "x" acknowledged within 5m
let a = "x" retry 2
let b = "x" every 5m
let c = "x" among ["a"]
run "files/other.rb" within 5m
wait 5m retry 2
check p99 < 5s retry 2
"a text" within 5m
action "Do it" among ["a"]
if p99 < 5s { resolve "x" retry 2 }
if p99 < 4s { stop "x" every 2m }
if p99 < 3s { resolve "x" among ["a"] }
