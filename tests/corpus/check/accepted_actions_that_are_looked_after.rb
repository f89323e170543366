runbook "T"
owner "api-oncall"
trigger alert "ApiLatency"
metric p99 in s from prometheus "a"
metric pods from prometheus "b"
define restart(host) as `ssh #{host} systemctl restart api`
define tell(host) as "Restart #{host} by hand"

step "A dump first is no change" {
  action `mkdir -p /tmp/dumps && jstack 1 | tee /tmp/dumps/1`
  action `kubectl get pods -A > /tmp/dumps/pods`
}
step "A person does it, and sees it" {
  action "Open the dashboard"
  action restart("a")
  action tell("a")
  if "Is it over?" { resolve }
}
step "Checked later, by whatever" {
  action restart("a") else { escalate to owner }
  if p99 < 100ms { resolve }
  action restart("b")
  match "How is it?" { "good" { resolve } "bad" { "go on" } }
}
step "Paged, or stopped" {
  if p99 > 5s {
    action restart("c")
    escalate to owner
    resolve "they have it"
  } else if p99 > 2s {
    action restart("d")
    stop
  }
  for each host in ["a", "b"] up to 2 {
    action restart(host)
    wait until p99 < 500ms within 5m else { stop }
  }
  for each host in ["a", "b"] up to 2 { action restart(host) }
  repeat up to 3 times every 1m until p99 < 500ms { action restart("e") } else { escalate to owner }
}
step "One after the other is no change that hangs in the middle" {
  action restart("a")
  check p99 < 1s
  action restart("b")
  check p99 < 1s
}
step "What is undone may stop" {
  action `kubectl drain n1` undo `kubectl uncordon n1`
  check pods == 0
  action `reboot-node n1`
  check p99 < 1s
}
step "What is told of unknown" {
  action `kubectl drain n2` finally `kubectl uncordon n2`
  wait until pods == 0 within 10m else { stop } unknown { stop "nobody knows whether n2 is empty" }
  check "Is n2 empty?"
  action `reboot-node n2`
  check p99 < 1s
}
step "Done" {
  action `rm -f /tmp/dumps/1`
  record "p99 is at #{p99}"
}
