runbook "x"
owner "api-oncall"
step "one" {
  if 1 < 2 {
    "a"
  check "b"
}
step "two" {
  check "c"
}
