param early = "x"
runbook "T"
owner "api-oncall"

"The body begins"
metric p99 in s from prometheus "a"
secret token from env "T"
let late(x) = x > 3s
check late(p99) else { action `x #{token} #{early}` }
severity "sev1"
