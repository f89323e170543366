runbook "Every condition"
owner "api-oncall"
param service = "api"
param really = true
metric p99 in s from prometheus "a"
metric disk by mount in % from prometheus "b"

check really
check "Is the alert real?"
check "Is it fine?" by "api-oncall" within 10m showing p99, p99 over 1h, disk, `df -h`
check `pg_isready -h #{service}` no on 1, 2
check `pg_isready` on "db-1" within 5s no on 1, 2
check any disk > 90%
check every disk in 10%..95%
check any ["a", "b"] == service
check p99 < 500ms for 5m
check not (p99 > 1s or `test -f /tmp/x`) and (really or "Really?")
check p99 < 2 * (p99 1h ago)
check (p99 < 1s) == true
check alert.labels.severity == "page" and alert.starts_at > now - 1h
check contains(alert.annotations.summary, "disk")
