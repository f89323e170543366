runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"
param service = "api"
define rollback(service) as `kubectl rollout undo deployment/#{service}`

check average(p99 over 5m) < 500ms
check qantile(0.9, p99 over 5m) < 500ms
check rollback(service) < 3
check service(3) == "a"
check p99() < 500ms
