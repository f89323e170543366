runbook "T"
owner "api-oncall"
param service = "api"
param limit = 500ms
metric p99 in s from prometheus "a"
metric pool in % from prometheus "b"
metric disk by mount in % from prometheus "c"
metric size in GiB from prometheus "d"

# Units and the ends of intervals.
check p99 < 500ms else {
  if p99 < 0.3s { "a" }
  if p99 in 100ms..400ms { "b" }
  if 500ms > p99 { "c" }
  if not (p99 >= 500ms) { "d" }
}
if pool > 90% { if pool <= 0.9 * 100% { "e" } }
if size > 2GiB { if size < 1GB { "f" } }
# At odds with itself.
if pool > 90% and pool < 20% { "g" }
if service == "api" and service == "web" { "h" }
if not (pool > 50% or pool <= 50%) { "i" }
# Through `and` and `or`: each of them is known behind an `and`, none behind an `or`.
if p99 > 2s and pool > 80% {
  if pool < 50% { "j" }
  if p99 < 1s or pool < 10% { "k" }
}
# What only compares with another value.
check p99 < limit else {
  if limit > p99 { "l" }
  if p99 < limit and pool < 90% { "m" }
}
# Over a whole metric, and a value that was kept.
let before = max(disk)
if before > 90% { if before < 80% { "n" } }
check every disk < 90% else { if every disk < 90% { "o" } }
let bad = before > 95%
if bad { if not bad { "p" } }
if length(service) < 0 { "q" }
match p99 {
  < 100ms { if p99 > 1s { "r" } }
  else { if p99 < 50ms { "s" } }
  unknown { "t" }
}
if p99 - 1s > 5s { if p99 - 1s < 2s { "u" } }
for each d in disk where d > 90% { if d < 50% { "#{d.mount}" } }
