runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "p99"
metric lag by instance in s from prometheus "lag"
check max(p99 over 1h 1d ago) < 1s
check max(p99 1d ago over 1h) < 1s
check max(p99 over 1h over 2h) < 1s
check p99 over 1h 1d ago < 1s
for each r in lag up to 3 { check delta(r over 10m 1d ago) < 1s }
check p99 < 500ms for 5m 1d ago
