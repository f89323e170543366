runbook "T"
owner "api-oncall"
trigger schedule "0 3 * * 0" for 2h
metric p99 in s from prometheus "a"

action `systemctl restart api` within 2m
wait until p99 < 500ms within 10m
