runbook "x"
owner "api-oncall"
param limit = 100
metric errors from prometheus "sum(http_errors_total)"
metric by_node by node from prometheus "node_restarts_total"

check errors < limit
check any by_node > 5
