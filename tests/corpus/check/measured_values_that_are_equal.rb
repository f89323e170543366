runbook "x"
owner "api-oncall"
param limit = 20%
metric p99 in s from prometheus "job:latency:p99"
metric pool in % from prometheus "100 * a / b"
metric load from prometheus "avg(node_load1)"
metric lag(node) in s from prometheus "lag{node='#{node}'}"
metric disk by mount in % from host "disk.used"

check p99 == 500ms
check not (pool != limit)
check 1.5 != load
check lag("db-1") == 5s
check every disk != 93%
if avg(p99 over 5m) == 1s { "odd" }
match p99 {
  500ms { "just so" }
  else { "not so" }
}
