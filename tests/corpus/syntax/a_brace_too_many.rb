runbook "x"
owner "api-oncall"
step "one" {
  check "b"
}
}
check "c"
