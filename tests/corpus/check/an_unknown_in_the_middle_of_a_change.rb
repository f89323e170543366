runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"
metric pods from prometheus "b"
define cordon(node) as `kubectl cordon #{node}`
define uncordon(node) as `kubectl uncordon #{node}`
param node = "n1"

step "With finally" {
  check p99 < 500ms
  action cordon(node) finally uncordon(node)
  wait until pods == 0 within 10m else { stop }
  action `reboot-node #{node}`
  check `node-is-up #{node}`
  action `upgrade #{node}`
  check p99 < 500ms
}
