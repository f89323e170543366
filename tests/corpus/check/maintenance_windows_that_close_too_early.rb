runbook "Patch"
trigger schedule "0 3 * * 0" for 1h30m
owner   "api-oncall"
define cordon() as `kubectl cordon node-1`
define uncordon() as `kubectl uncordon node-1`

step "Out" {
  action cordon() within 5m finally uncordon()
}
step "Patch" {
  action "Install the updates and restart" within 1h
  check "Is it up again?"
}
