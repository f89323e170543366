runbook "Every statement"
owner "api-oncall"
param service = "api"
param hosts = ["db-1", "db-2"]
metric p99 in s from prometheus "a"
metric disk by mount in % from prometheus "b"
define rollback(service) as `kubectl rollout restart deployment/#{service}`

"Open the dashboard of #{service}"
check p99 < 500ms else { "too slow" } unknown { "no idea" }
if p99 < 500ms { "good" } else if p99 < 1s { "not so good" } else { "bad" } unknown { "no idea" }
match p99 {
  < 100ms { "fast" }
  100ms..200ms { "good" }
  >= 1s { "slow" }
  else { "in between" }
  unknown { "no idea" }
}
match service { "api" { "a" } ["web", "shop"] { "b" } contains "db" { "c" } matches "^x[0-9]+$" { "d" } else { "e" } }
match "What is it?" { "the disk" { "a" } "the net" { "b" } else { "c" } }
action "Restart it" by "api-oncall" within 5m else { stop "nobody did" }
action rollback(service) within 5m retry 2 every 10s as undone undo rollback("web") else { record undone.stderr }
action `reboot` on "db-1" finally `uncordon db-1`
record "#{undone.text} ended with #{undone.status}"
escalate to owner because "p99 is #{p99}" else { "call them" }
escalate to "database-oncall"
wait 30s
wait until p99 < 500ms for 5m within 1h every 30s else { stop } unknown { stop }
let cause = ask "What was the cause?" by owner within 30m
let choice = ask "Which one?" among hosts
record "#{cause}: #{choice}" to "incidents"
for each d in disk where d > 90% up to 3 { action `clean #{d.mount}` }
for each host in hosts { "Look at #{host}" }
repeat up to 3 times every 1m until p99 < 500ms { action rollback(service: service) } else { stop } unknown { stop }
run "files/other.rb" with (service: service, pause: 3m) else { escalate to owner }
step "The end" {
  if "Is it over?" { resolve "it is over" }
  stop "it is not over"
}
