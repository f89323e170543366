runbook "x"
owner "api-oncall"
param within = 5m
metric unknown from host "load.1"
define ask() as `x`
let for = 5
for each else in [1] up to 1 { "x" }
check now and
