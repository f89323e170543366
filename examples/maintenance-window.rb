# A maintenance window: no step starts after it has closed. What was taken out of service is put back, however it ends.
runbook "Patch one node in its maintenance window"

trigger schedule "0 3 * * 0" in "Europe/Berlin" for 2h
owner   "infra-oncall"

param node = "node-1"
param state = "/tmp/rbl-example-node"

define cordon(node) as `mkdir -p #{state} && echo out > #{state}/#{node}`
define uncordon(node) as `echo in > #{state}/#{node}`

step "May we start?" {
  check "Is #{node} the right node, and is its backup from last night good?" within 10m else {
    resolve "not tonight"
  }
}

step "Take it out of service" {
  record "Patching #{node}: it goes out of service" to "maintenance"
  action cordon(node) within 5m finally uncordon(node)
  wait until `grep -qx out #{state}/#{node}` within 2m every 1s else {
    stop "#{node} did not leave the service"
  }
}

step "Patch" {
  action "Install the updates on #{node} and restart it" within 1h
  check "Is #{node} up with the new kernel?" within 30m else {
    escalate to owner because "#{node} does not come back after patching"
    stop
  }
}

step "Done" {
  record "#{node} is patched" to "maintenance"
}
