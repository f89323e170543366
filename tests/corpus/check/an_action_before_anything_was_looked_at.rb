runbook "T"
owner "api-oncall"
trigger alert "ApiLatency"
metric p99 in s from prometheus "a"

"The api is restarted"
record "restarting" to "incidents"
action `mkdir -p /tmp/dumps && jstack 1 > /tmp/dumps/1`
action `systemctl restart api`
wait until p99 < 500ms within 10m
action `systemctl restart web`
check p99 < 500ms
