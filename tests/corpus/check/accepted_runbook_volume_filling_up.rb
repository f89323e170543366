runbook "A persistent volume is filling up"

trigger alert "KubePersistentVolumeFillingUp" where severity =~ "warning|critical"
owner   "api-oncall"

param namespace = "shop"
param claim     = "data-postgres-0"

metric used in % from prometheus "100 * kubelet_volume_stats_used_bytes{persistentvolumeclaim='#{claim}'} / kubelet_volume_stats_capacity_bytes"
metric growth in %/h from prometheus "3600 * deriv(volume_used_percent[1h])"

define expand(namespace, claim, size) as `kubectl -n #{namespace} patch pvc #{claim} -p '{"spec":{"resources":{"requests":{"storage":"'#{size}'"}}}}'`

step "How long is there left?" {
  if used < 80% { resolve "the volume is at #{used}" }
  if used >= 97% {
    escalate to owner because "#{claim} is at #{used}"
  } else if growth > 1%/h {
    "It fills by #{growth}"
  } else {
    "It grows slowly: #{growth}"
  } unknown {
    escalate to owner because "nothing measures #{claim}"
    stop
  }
}

step "Free space" {
  check "May data older than the retention be deleted?" showing `kubectl -n #{namespace} exec postgres-0 -- du -xh --max-depth=2 /data` else {
    "Then it has to grow"
  } unknown {
    "Nobody knows: it has to grow"
  }
  action `kubectl -n #{namespace} exec postgres-0 -- clean-old-data` within 30m else {
    record "cleaning #{claim} did not work" to "incidents"
  }
}

step "Make it larger" {
  if used >= 80% {
    let size = ask "Which size shall #{claim} have?" among ["50Gi", "100Gi", "200Gi"] within 1h
    action expand(namespace, claim, size) within 2m retry 2
    wait until used < 80% within 15m else {
      escalate to "database-oncall" because "#{claim} is at #{used} after it was expanded to #{size}"
    }
  }
}
