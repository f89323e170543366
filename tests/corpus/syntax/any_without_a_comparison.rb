runbook "x"
owner "api-oncall"
metric disk by mount in % from host "disk.used"
check any disk
check every disk and 1 < 2
