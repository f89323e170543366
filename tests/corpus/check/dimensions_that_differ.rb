runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"
metric size in GiB from prometheus "b"
metric speed in MB/s from prometheus "c"
metric cpu from prometheus "d"

check p99 < 5GB
check size > speed
check size + p99 > 3GB
check size / 10s < 3MB/s
check cpu < 500m
check cpu < 500ms
check 500m > cpu
check speed * 10s < 3s
check now - p99 > 3h
check now - time("2026-05-01T10:00:00Z") > 3h
check now > 3h
check p99 * p99 < 3s
