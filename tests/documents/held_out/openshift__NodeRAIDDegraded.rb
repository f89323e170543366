runbook "NodeRAIDDegraded"
about "A node has a RAID array that is reporting a degraded state."
trigger alert "NodeRAIDDegraded"

step "Diagnosis" {
  action "Open a shell on the node and use standard Linux utilities to diagnose the issue: `oc debug \"node/$NODE_NAME\"`, `cat /proc/mdstat`"
  "Note that you might also need to install additional software in the debug container"
}

step "Mitigation" {
  action "See the Red Hat Enterprise Linux documentation to see mitigation steps for failing RAID arrays."
}
