runbook "Volume is full"
about """
  Less than 10% is left.
"""
trigger alert "CephVolumeFull" by cluster
owner "storage-oncall"
param kind: text among ["rbd", "cephfs", "nfs"] = "rbd"
metric lag in s from prometheus "replication_lag_seconds"

match kind {
  "rbd" { action "Grow the image" else { stop } }
  "cephfs", "nfs" { action `setquota #{kind}` else { stop } }
}
check lag <= 0 else { escalate to owner because "the lag of #{kind} is #{lag}" }

test "an image" {
  given lag = 0s
  answer "Grow the image" with done
  expect action "Grow the image"
  expect resolved
}

test "a file system" {
  param kind = "cephfs"
  given lag = 3s
  expect action `setquota cephfs`
  expect escalation matching "cephfs"
}

test "another one" {
  param kind = "nfs"
  given lag = 0s
  expect action `setquota nfs`
  expect resolved
}
