runbook "T"
owner "api-oncall"
param pause = limit * 2
param limit = 5m
param longer = limit * 3

wait pause
wait longer
