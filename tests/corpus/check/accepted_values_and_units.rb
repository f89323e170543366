runbook "Every kind of value"
owner "api-oncall"
metric p99 in s from prometheus "a"
metric size in GiB from prometheus "b"
metric total in GiB from prometheus "c"
metric speed in MB/s from prometheus "d"
metric growth in %/h from prometheus "e"
metric errors from prometheus "f"
metric requests from prometheus "g"
metric error_ratio in ratio from prometheus "h"
metric disk by mount in % from prometheus "i"

check p99 < 1h30m and p99 * 110% < 3s and -p99 < 0s and p99 / 2 < 1s
check size / total < 90% and size / total < 0.9 and size < 20GB and size - total < 5MiB
check size / speed < 2h and speed * 10s < 3GB and speed > 20MiB/s
check growth * 2h < 10% and growth < 3%/h
check errors / requests < 5% and error_ratio < 5% and errors * 2 + 1 < 1_000 and errors in 1..3
check error_ratio * requests < 1e6
check requests / 5m < 2/s and 5% * 5 < 50%
check now - time("2026-05-01T10:00:00Z") > 3d and now + 5m > now
check "a" in "abc" and "a" in ["a", "b"] and p99 in 1s..2s
check max(p99 over 30m) < 2s and quantile(0.9, p99 over 1h) < 1s and quantile(90%, p99 over 1h) < 1s
check rate(errors over 5m) < 3/s and delta(size over 1d) < 3GB and rate(size over 1h) < 3MB/s
check count(disk) > 3 and max(disk) < 90% and avg(disk) < 80% and sum([1s, 2s]) < 5s
check min(p99, 3s, 500ms) < 1s and abs(-3) == 3 and round(p99) < 3s
check length("abc") == 3 and length([1, 2]) == 2 and lower("A") == upper("a") and trim(" a ") == "a"
check split("a,b", ",")[0] == "a" and join(["a"], ",") == "a" and matches("a", "^a$") and number("3") > 2
let out = `cat /proc/loadavg`
check out.number > 3 and out.status == 0 and "x" in out.lines and out.json.load > 3 and out == "ok"
let r = {name: "a", size: 5GB}
check r.size < 10GB and r.name == "a" and json("{}").a.b[0] == 3
check 500ms == 0.5s and "a" != "b" and true != false and [1] == [1]
record """
  p99 is #{p99}
    and "size" is \#{not this} #{size}
"""
