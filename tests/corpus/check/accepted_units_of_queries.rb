runbook "x"
owner "api-oncall"
param service = "api"
# Neither a name nor a function tells: nothing is said.
metric p99 in s from prometheus "job:latency:p99"
metric lag in s from prometheus "replica_lag{service='#{service}'}"
metric pool in % from prometheus "100 * db_pool_in_use / db_pool_size"
metric share in % from prometheus "db_pool_in_use / db_pool_size"
# The name, and what the functions make of it, agree with the unit.
metric quantile_99 in s from prometheus "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))"
metric average in s from prometheus "sum(rate(rpc_seconds_sum[5m])) / sum(rate(rpc_seconds_count[5m]))"
metric age in s from prometheus "time() - max(deploy_timestamp_seconds{service='#{service}'})"
metric in_ms in ms from prometheus "1000 * max(rpc_seconds)"
metric busy in ratio from prometheus "sum(rate(node_cpu_seconds_total[5m]))"
metric cpu in % from prometheus "100 * sum(rate(node_cpu_seconds_total[5m]))"
metric traffic in B/s from prometheus "rate(node_network_receive_bytes_total[5m])"
metric size in MiB from prometheus "queue_size_bytes / 1024 / 1024"
metric disk in % from prometheus "100 - (node_filesystem_avail_bytes / node_filesystem_size_bytes * 100)"
metric grown in MB/m from prometheus "increase(wal_bytes_total[1m]) / 1000000"
metric requests in /s from prometheus "sum(rate(requests_total[5m]))"
metric slow from prometheus "count(request_duration_seconds > 5)"
metric seconds from prometheus "uptime_seconds"

check p99 < 1s and lag < 1s and pool < 5% and share < 5% and quantile_99 < 1s and average < 1s and age > 5m
check in_ms < 5ms and busy < 80% and cpu < 80% and traffic < 1MB/s and size < 5MiB and disk < 80%
check grown < 5MB/m and requests > 3/s and slow < 3 and seconds > 60
