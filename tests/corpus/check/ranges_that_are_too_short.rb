runbook "x"
owner "api-oncall"
metric errors in /s from prometheus "sum(rate(http_errors_total[15s])) / scalar(count(up))"
metric restarts from prometheus "increase(restarts_total{job=\"api\"}[30s])"

check errors < 3/s and restarts < 1
