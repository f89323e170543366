runbook "x"
owner "api-oncall"
metric wait in ms from prometheus "queue_wait_seconds"
metric size in MB from prometheus "sum by (job) (queue_size_bytes)"
metric kb in kB from prometheus "queue_size_bytes / 1024"
metric busy in s from prometheus "sum(rate(node_cpu_seconds_total{mode!='idle'}[5m]))"
metric traffic in B from prometheus "rate(node_network_receive_bytes_total[5m])"
metric used in % from prometheus "1 - (node_filesystem_avail_bytes / node_filesystem_size_bytes)"
metric heap in ratio from prometheus "jvm_heap_used_percent"
metric errors in % from prometheus "sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))"
metric slow in s from prometheus "count(request_duration_seconds > 5)"
metric spent in m from prometheus """
  sum(increase(
    backup_seconds_total[1h]))
"""
metric per_minute in /m from prometheus "sum(rate(requests_total[5m]))"

check wait < 5ms and size < 5MB and kb < 5kB and busy < 5s and traffic < 5B and used < 5% and heap < 5%
check errors < 5% and slow < 5s and spent < 5m and per_minute < 5/m
