runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"
let early = "abc" within 5m

check p99 < 5s else { escalate to "database-oncall" because "the database is down" within 15m }
check p99 < 5s else { escalate to "database-oncall" because "the database is down" by "api-oncall" }
check p99 < 5s else { escalate to "database-oncall" because "the database is down" showing p99, p99 within 5m }
record "what was seen" showing p99
record "what was seen" within 2m
record "what was seen" by "api-oncall" to "incidents"
let x = ("abc" by "api-oncall")
let y = "a" + "b" within 5m
let z = ["a" within 1m, "b"]
record "#{"abc" within 2m} #{early} #{x} #{y} #{join(z, ", ")}"
wait until p99 < 5s within 5m else or unknown {
  if p99 < 5s { resolve "over" within 2m } else or unknown { stop "not over" showing p99 }
}
