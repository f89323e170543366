runbook "x"
owner "api-oncall"
wait until "recovered?"
wait until 1 < 2 for 5m
wait until 1 < 2 every 10s else { stop }
