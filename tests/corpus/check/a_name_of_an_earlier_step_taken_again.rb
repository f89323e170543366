runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"

step "Look" {
  let seen = p99
  record "#{seen}"
  let seen = p99
}
step "Look again" {
  let seen = p99
  record "#{seen}"
}
let cause = ask "What was it?"
let cause = ask "What was it really?"
record cause
