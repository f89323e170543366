runbook "etcdGRPCRequestsSlow"
about "The 99th percentile of etcd gRPC requests is too slow: leader elections fail, reads and writes are slow."
trigger alert "etcdGRPCRequestsSlow"
link "etcdDefragmentation" "https://etcd.io/docs/v3.4.0/op-guide/maintenance/"
link "etcdPractices" "https://docs.openshift.com/container-platform/4.7/scalability_and_performance/recommended-host-practices.html#recommended-etcd-practices"

metric grpc_p99 by pod in s from prometheus """
  histogram_quantile(0.99, sum(rate(grpc_server_handling_seconds_bucket{job=~".*etcd.*", grpc_type="unary"}[5m])) without(grpc_type))
"""
metric fsync_p99 by instance in s from prometheus """
  histogram_quantile(0.99, sum by (instance, le) (irate(etcd_disk_wal_fsync_duration_seconds_bucket{job="etcd"}[5m])))
"""
metric top_cpu by namespace from prometheus """
  topk(25, sum by (namespace) (sum(avg_over_time(pod:container_cpu_usage:sum{container="",pod!=""}[5m])) by (namespace, pod)))
"""

step "Diagnosis" {
  "This could be result of slow disk (due to fragmented state) or CPU contention."
}

step "Slow disk" {
  "One of the most common reasons for slow gRPC requests is disk. Checking disk related metrics and dashboards should provide a more clear picture."
  action "Verify the value of how slow the etcd gRPC requests are" showing grpc_p99
  "That result should give a rough timeline of when the issue started."
  "`etcd_disk_wal_fsync_duration_seconds_bucket` reports the etcd disk fsync duration, `etcd_server_leader_changes_seen_total` the leader changes."
  check every fsync_p99 < 10ms
  action "In the OpenShift dashboard console under Observe section, select the etcd dashboard: RPC rate and Disk Sync Duration"
}

step "Resource exhaustion" {
  "It can happen that etcd responds slower due to CPU resource exhaustion. Often the disk fsync is slower as well."
  "To confirm this is the cause of the slow requests either:"
  action "In OpenShift console on primary page under \"Cluster utilization\" view the requested CPU vs available."
  action "See top consumers of CPU" showing top_cpu
}

step "Fragmented state" {
  if "Is the disk slow, or does the etcd DB size increase?" {
    action "Defragment existing etcd DB as described in etcdDefragmentation."
    action "Run the following command in all etcd pods: `etcdctl defrag`"
  }
  action "As validation, check the endpoint status of etcd members: more space should be available now."
  "Further info on etcd best practices can be found in the etcdPractices."
}
