runbook "T"
owner "api-oncall"
metric lag in s from prometheus "a"

check lag < 5m
action `pause` {
  let inner = lag
  nosuch lag
} { check lag < 1s } finally `resume`, nosuch() finally `again`
record "#{inner}"
action `pause` {
  resolve "always"
  check lag < 1s
} finally `resume`
