runbook "T"
owner "api-oncall"
param service = "api"
metric error_ratio in ratio from prometheus "a"

check eror_ratio < 5%
check "Is #{servce} up?"
let x = database
check "Is #{x} up, at #{error_ratio}, for #{service}?"
check whatever > 3 and whatever < 5
