runbook "T"
owner "api-oncall"
param service = "api"
metric p99 in s from prometheus "a"
metric disk by mount in % from prometheus "b"
let out = `ls | wc -l`

check rate(p99) < 3
check max(p99) < 3s
check max(disk) < 90%
check max(disk over 1h) < 90%
check avg([1s, 2s]) < 3s
check max(["a"]) < 3
check count(service) > 3
check length(p99) > 3
check length(service) > 3
check upper(p99) == "A"
check upper(out) == "A"
check contains(service, 3)
check matches(service, "^(")
check matches(service, "^a.c$")
check number(3) > 2
check number(out) > 2
check quantile(2s, p99 over 1h) < 3s
check join(service, ",") == "a"
check round(service) > 3
check time("yesterday") < now
check time("2026-05-01T10:00:00Z") < now
check rate(p99 over 5m) < 1%
check min("a", 3) > 3
check json(out).status == "ok"
