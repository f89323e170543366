runbook "T"
owner "api-oncall"
param service = "api"
param limit = 500ms
metric p99 in s from prometheus "a"
metric pool in % from prometheus "b"
metric disk by mount in % from prometheus "c"
metric lag(node) in s from prometheus "d{node='#{node}'}"

step "Acting, waiting and asking end what was known" {
  check p99 < 500ms else { stop }
  wait 5m
  check p99 < 1s else { stop }
  action "Look at the dashboard"
  check p99 < 1s else { stop }
  check "Is it slow?"
  check p99 < 1s else { stop }
  let why = ask "Why?"
  check p99 < 1s else { record why }
  run "files/other.rb" with (service: service, pause: 3m)
  check p99 < 1s else { stop }
  wait 1m
  if p99 > 2s and "Really?" { check p99 > 1s else { stop } }
  wait until "Is it over?" within 1h
  check p99 < 1s else { stop }
}
step "An arm that goes on joins what the others know" {
  wait 1m
  check p99 < 500ms else { "slow" } unknown { "no data" }
  if p99 < 1s { "a" } else { "b" }
  if pool > 90% { wait 1m } else { "fine" }
  if pool > 90% { "full still" } else { "fine" } unknown { "no data" }
}
step "Loops" {
  wait 1m
  check pool > 50% else { stop }
  repeat up to 3 times every 1m until pool < 40% {
    if pool < 50% { "almost" }
  }
  check pool > 10% else { stop }
  for each host in ["a", "b"] {
    if pool > 5% { "still: #{host}" } else { "gone" }
    wait 1m
  }
  check pool > 10% else { stop }
  for each d in disk where d > 90% {
    if d > 95% { "#{d.mount} is very full" }
  }
  for each d in disk where d < 50% { if d < 10% { "#{d.mount}" } }
}
step "Other moments, other arguments, other values" {
  wait 1m
  check p99 < 500ms else { stop }
  check (p99 1h ago) < 500ms else { stop }
  check max(p99 over 1h) < 500ms else { stop }
  check p99 < 500ms for 5m else { stop }
  check lag("a") < 5s else { stop }
  check lag("b") < 5s else { stop }
  check p99 < limit
  check p99 < 2 * limit
  let before = p99
  wait 1m
  check p99 < before
  if before > 400ms { "it was slow" }
  check `test -e /tmp/a`
  check `test -e /tmp/a`
  check now > time("2026-05-01T10:00:00Z")
  wait 1m
  check now > time("2026-05-01T10:00:00Z")
}
step "In a wait the condition is taken anew" {
  check p99 > 1s else { resolve }
  wait until p99 < 500ms within 10m else { escalate to owner }
  wait until p99 < 500ms for 5m within 1h else {
    if p99 < 500ms { "it holds, only not for long enough" } else { "slow" }
  }
}
