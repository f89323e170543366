runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"

step "A" {
  if p99 < 500ms {
    resolve "fine"
    "never told"
    "never told either"
  } else {
    stop "not fine"
  } unknown {
    "look yourself"
  }
  match p99 {
    < 1s { resolve }
    < 2s { stop }
  }
  "never told"
}
step "B" { "never told" }
step "C" { "not reported again" }
