owner "api-oncall"
param service = "api"
metric p99 in s from prometheus "a"
let limit = 500ms

check p99 < limit
step "A" { "#{service}" }
