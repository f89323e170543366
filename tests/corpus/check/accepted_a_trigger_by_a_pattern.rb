runbook "Any volume is full"
trigger alert =~ "Ceph(Volume|Pool).*Full" where alertname != "CephPoolNearFull"
owner "api-oncall"

check "Is it real?" else { resolve "false alarm" }
