runbook "T"
owner "api-oncall"
param service = "api"
param hosts = ["a", "b"]

step "A" {
  let service = "b"
  record service
  for each service in hosts { record "#{service}" }
}
step "B" {
  let other = 1
  record "#{other}"
}
step "C" {
  let other = 2
  record "#{other}"
}
