runbook "Pods crash in a loop"

trigger alert "KubePodCrashLooping" where namespace != "sandbox"
owner   "api-oncall"

param namespace  = "shop"
param deployment = "cart"

metric restarts from prometheus "sum(increase(kube_pod_container_status_restarts_total{namespace='#{namespace}'}[10m]))"
metric memory   in % from prometheus "max(container_memory_percent{namespace='#{namespace}'})"

step "Still?" {
  check restarts > 0 else { resolve "nothing has restarted for 10 minutes" }
}

step "Why?" {
  let last = `kubectl -n #{namespace} logs deployment/#{deployment} --previous --tail 20`
  if memory > 95% {
    action `kubectl -n #{namespace} set resources deployment/#{deployment} --limits=memory=1Gi` within 2m
  } else if "Does the log name a cause?" showing last {
    let cause = ask "Which?"
    record "#{deployment} crashes: #{cause}" to "incidents"
    action "Mend it: #{cause}" within 2h
  } else {
    action `kubectl -n #{namespace} rollout undo deployment/#{deployment}` within 5m else {
      escalate to owner because "#{deployment} cannot be rolled back"
      stop
    }
  }
}

step "Did it help?" {
  wait 10m
  check restarts == 0 else { escalate to owner because "#{restarts} restarts in 10 minutes" }
}
