runbook "x"
owner "api-oncall"
metric p99 in ms from prometheus "histogram_quantile(0.99, rate(x_seconds_bucket[5m]))"

check p99 < 500ms
