runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"
metric size in GiB from prometheus "b"
metric speed in MB/s from prometheus "c"
metric requests in /s from prometheus "d"
metric age in h from prometheus "e"
param limit = 500

check p99 < 500
check 500 > p99
check p99 < limit
check size > 20
check speed > 20
check requests > 20
check age < 24
check p99 + 5 < 10s
check max(p99 over 30m) < 3
check p99 in 1..3
check max(p99, 3) < 4s
check p99 > 0
wait 5
wait until p99 < 1s within 10
wait until p99 < 1s within limit
action "Restart it" within 5 retry 3 every 10
check "Is it up?" within 30
match p99 { < 5 { "fast" } >= 5s { "slow" } else { "no idea" } }
