runbook "The error budget burns"

trigger alert "KubeAPIErrorBudgetBurn" where severity = "critical"
owner   "api-oncall"

metric errors(verb) in ratio from prometheus "sum(rate(apiserver_request_total{verb='#{verb}',code=~'5..'}[5m])) / sum(rate(apiserver_request_total{verb='#{verb}'}[5m]))"
metric slow in s from prometheus "histogram_quantile(0.99, rate(apiserver_request_duration_seconds_bucket[5m]))"

let read_errors  = errors("GET")
let write_errors = errors("POST")

step "What burns?" {
  if read_errors > 1% and write_errors > 1% {
    "Both fail: #{read_errors} of reads, #{write_errors} of writes"
  } else if read_errors > 1% {
    "Reads fail: #{read_errors}"
  } else if write_errors > 1% {
    "Writes fail: #{write_errors}"
  } else if slow > 1s {
    "Nothing fails, but it is slow: #{slow}"
  } else {
    resolve "nothing burns"
  }
}

step "Load" {
  repeat up to 5 times every 2m until errors("GET") < 1% and errors("POST") < 1% and slow <= 1s {
    if slow > 5s {
      action `kubectl -n kube-system rollout restart deployment/proxy` within 5m
    }
  } else {
    escalate to owner because "it still burns"
  } unknown {
    escalate to owner because "nothing measures it any more"
  }
}
