owner "api-oncall"
runbook "x"
check "a" else {
  metric m from host "load.1"
  step "inner" {
    check "b"
  }
}
param late = 5
given x = 5
else { stop }
unknown { stop }
