runbook "x"
owner "api-oncall"
param a = 1
let b = 2
