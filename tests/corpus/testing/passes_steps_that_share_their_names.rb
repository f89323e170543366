runbook "T"
owner "api-oncall"
metric lag in s from prometheus "lag"

step "Look" {
  let before = lag
  action `fix` as fixed
}
step "Compare" {
  if lag < before { record "better: #{before} to #{lag}, #{fixed.text}" } else or unknown { record "no better" }
}

test "better" {
  given lag = 20s
  given action `fix` prints "ok"
  after action `fix` { given lag = 5s }
  expect record matching "better: 20s to 5s, ok"
  expect resolved
}
test "unknown takes the same arm as no" {
  each {
    given lag = 20s
    given lag is none
  }
  expect record matching "no better"
  expect resolved
}
