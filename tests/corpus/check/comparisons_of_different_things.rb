runbook "T"
owner "api-oncall"
param service = "api"
param limit
metric p99 in s from prometheus "a"
metric disk by mount in % from prometheus "b"
let out = `ls | wc -l`

check service < "b"
check service == 3
check limit > 3
check p99 < "500ms"
check out > 3
check out == "3"
check out.number > 3
check true > false
check service == true
check ["a"] < ["b"]
check {a: 1} == {a: 1}
check disk < 90%
check 90% > disk
check disk + 1% > 3%
check any disk > 90%
check any disk > 90
check every p99 < 3s
check any service == "a"
check any ["a", "b"] == "a"
check p99 in ["a", "b"]
check service in ["a", "b"]
check "a" in service
check 3 in service
check p99 in 3
check p99 in 10%..20%
check p99 in 1s..2s
