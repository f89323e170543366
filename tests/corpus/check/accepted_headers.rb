runbook "Volume is full"
about """
  # What it means

  A volume of `ceph` has less than 10% left.

  * writes will fail with `ENOSPC`
  * 3 > 2, and \#{nothing} is put in
"""
trigger alert "CephVolumeFull", "CephVolumeNearFull" where severity = "page", "service.name" != "lab",
              region !~ "test-.*" by cluster, "k8s.pod.name"
owner "api-oncall"
param kind: text among ["rbd", "cephfs"]
param mode among ["fast", "careful"] = "careful"

if mode == "fast" or kind in ["rbd"] { "quick" }
match kind {
  "rbd" { "an image" }
  "cephfs" { "a file system" }
}
