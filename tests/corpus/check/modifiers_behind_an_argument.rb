runbook "T"
owner "api-oncall"
metric lag(node) in s from prometheus "a"
define notify(text) as `echo page: #{text}`
probe is_up(node) as `true #{node}`
action notify("the database is down" within 15m)
action notify(text: "the database is down" by "api-oncall")
action `true` finally notify("it is over" showing lag("n"))
check lag("n" within 5m) < 5s and is_up("n" by "api-oncall") else or unknown { stop "no" }
let chosen = ask "Which?" among ["a" within 5m, "b"]
check chosen in ["a" within 5m, "b"] else or unknown { stop "no" }
check any ["a" within 5m] == "a" else or unknown { stop "no" }
for each n in ["a" within 5m] up to 2 { record "#{n}" }
