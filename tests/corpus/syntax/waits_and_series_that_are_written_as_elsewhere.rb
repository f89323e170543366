runbook "T"
owner "o"
metric lag by host in s from prometheus "lag_seconds"

wait for
wait for p99 < 5s
check within 5m
check any r in lag: r > 5s
check every r in lag: r.host == "a" else { stop }
