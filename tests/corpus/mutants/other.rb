# Without a test: it is run by another one, and what it says is not changed there.
runbook "Other"

param limit = 10
param hosts = 3

step "Other" {
  check hosts > limit
}
