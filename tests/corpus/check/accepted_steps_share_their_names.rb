runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"

step "Look" {
  let before = p99
  action `deploy` as deployed
}
step "Record" {
  record "before: #{before}, deployed: #{deployed}"
  wait until p99 < 500ms within 10m
}
