runbook "x"
owner "api-oncall"
param want = 3
# A metric of several values may be filtered, and so may what is counted.
metric down by instance from prometheus "up == 0"
metric failing from prometheus "count(up == 0) or vector(0)"
metric is_up from prometheus "up{job='api'} > bool 0"
# Whole numbers, and what is reached exactly.
metric replicas from prometheus "kube_deployment_status_replicas"
metric errors in % from prometheus "100 * a / b"
metric lag in s from prometheus "job:lag"
metric heap in MiB from prometheus "jvm_heap_max_bytes / 1024 / 1024"
metric rate_of in /s from prometheus "rate(x_total[5m])"
# Counters: whether there was anything at all, how fast they grow, and what they were before.
metric oom from prometheus "oom_kills_total"
metric written from prometheus "increase(rows_total[1h])"
metric spoken from prometheus "max_over_time(sessions[30s])"
metric fine from prometheus "rate(rows_total[5m:15s])"

for each one in down up to 3 { action "Look at #{one.instance}" }
check failing == 0 and is_up == 1 and replicas == want
check errors == 0% or errors == 100%
check lag != 0s and heap == 512MiB and rate_of == 0/s
let before = oom
check oom > 0
check oom == before and delta(oom over 5m) < 3 and rate(oom over 5m) < 3/s
check oom - before < 3
check written > 5 and spoken < 100 and fine < 100
match replicas {
  0 { "none" }
  want { "all" }
  else { "some" }
}
wait 1s
match errors {
  0% { "none" }
  < 5% { "some" }
  else { "many" }
}
