runbook "Inner"
owner "inner-oncall"
metric lag in s from prometheus "lag"
step "Lag" { check lag < 3s }
