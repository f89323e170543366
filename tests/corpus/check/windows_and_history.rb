runbook "T"
owner "api-oncall"
param service = "api"
metric p99 in s from prometheus "a"
metric disk by mount in % from prometheus "b"
let base = p99
let twice(x) = x * 2

check p99 over 5m < 3s
let w = p99 over 5m
record "#{p99 over 5m} #{w}"
check "Is it bad?" showing p99 over 1h, disk
check p99 1h ago < 3s
check base 1h ago < 3s
check service 1h ago == "a"
check now 1h ago < now
check max(base over 5m) < 3s
check p99 < 3s for 5m
check any disk > 90% for 5m
check "Is it up?" for 5m
check `true` for 5m
check service == "a" for 5m
check p99 5 ago < 3s
check twice(p99) < 3s for 5m
wait until "Is it up?" for 5m within 1h
