runbook "x"
chekc p99 < 500
step "a" {
