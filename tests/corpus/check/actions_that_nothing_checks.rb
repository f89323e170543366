runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"
define restart(host) as `ssh #{host} systemctl restart api`
define drain(node) as rundeck "drain"

step "Look" {
  if p99 < 500ms {
    action restart("a")
    resolve "it was fine"
  } else if p99 < 1s {
    action restart("b") else { record "it did not work" }
    record "done" to "incidents"
    resolve
  }
}
step "Act" {
  if p99 > 5s {
    action `kubectl rollout undo deployment/api`
    wait 10m
  } else {
    action drain("n1")
    check p99 < 1s else { stop }
  }
}
step "Close" {
  let after = p99
  record "p99 is at #{after}"
}
