runbook "Services"
trigger alert "ServiceSlow" where "service.name" != "" by "service.name"
owner "api-oncall"
metric slow by "service.name", zone in s from prometheus "slow_seconds"

for each s in slow where s > 1s up to 3 {
  action `restart #{s["service.name"]} in #{s.zone}` else { stop }
}
check every slow < 1m else { escalate to owner }

test "a slow one is restarted" {
  given slow {"service.name": "api", zone: "a"} = 2s
  given slow {"service.name": "web", zone: "b"} = 0.5s
  expect action `restart api in a`
  expect no escalation
}
