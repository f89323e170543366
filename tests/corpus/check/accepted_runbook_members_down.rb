runbook "Members of a cluster are down"

trigger alert "etcdMembersDown"
owner   "database-oncall"

metric members from prometheus "count(up{job='etcd'} == 1)"
metric commit in s from prometheus "histogram_quantile(0.99, rate(etcd_disk_backend_commit_duration_seconds_bucket[5m]))"

step "Is there a quorum?" {
  match members {
    3 { resolve "all three are there" }
    2 { "One is missing: there is a quorum" }
    else {
      escalate to owner because "only #{members} of 3 members: no quorum"
      stop
    }
  }
}

step "Bring it back" {
  if commit > 250ms {
    escalate to owner because "the disks are slow: #{commit}"
  } else {
    for each host in ["etcd-0", "etcd-1", "etcd-2"] where not `etcdctl --endpoints #{host}:2379 endpoint health` up to 1 {
      action `systemctl restart etcd` on host within 2m
      wait until `etcdctl --endpoints #{host}:2379 endpoint health` within 5m else {
        escalate to owner because "#{host} does not come back"
      }
    }
  }
}
