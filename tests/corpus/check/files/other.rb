runbook "Other"
owner "api-oncall"
param service
param pause = 5m
wait pause
record "#{service}"
