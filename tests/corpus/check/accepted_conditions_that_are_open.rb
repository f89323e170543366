runbook "T"
owner "api-oncall"
param service = "api"
param hosts = ["a", "b"]
param really = true
param limit = 90%
let hosts_up() = [1, 2]
metric p99 in s from prometheus "a"
metric pool in % from prometheus "b"
metric jobs from prometheus "c"
metric used in GiB from prometheus "d"
metric size in GiB from prometheus "e"

step "Nothing is taken for granted" {
  if pool > 100% { "more than all" }
  if p99 < 0s { "the clock runs backwards" }
  if used / size > 1 { "more than all" }
  if limit > 100% { "nobody stops you" }
  if really { "a" } else { "b" }
  if service == "web" { "a" }
  if "a" in hosts { "a" } else { "b" }
}
step "Narrower and narrower" {
  if p99 > 200ms {
    if p99 > 500ms and p99 < 5s { if p99 > 1s { "a" } else { "b" } }
  } else if p99 > 100ms {
    "c"
  } else if p99 <= 100ms {
    "the last that is left, spelled out"
  }
  match p99 { < 1s { "a" } < 2s { "b" } 2s..3s { "c" } else { "d" } unknown { "e" } }
  match service { "a" { "x" } contains "a" { "y" } matches "^a" { "z" } else { "0" } }
  match service { contains "timeout" { "x" } contains "time" { "y" } else { "0" } }
}
step "Either or" {
  if p99 > 1s or pool > 90% {
    if p99 > 1s { "slow" } else { "full" }
  } else if p99 > 500ms or pool > 80% {
    "soon"
  }
  if jobs != 3 { if jobs > 3 { "a" } else { "b" } }
  if not (p99 > 1s and pool > 90%) { if p99 > 1s { "a" } }
  if (p99 > 1s) == true { "a" }
}
step "Unknown is neither yes nor no" {
  wait 1m
  check p99 < 500ms else { stop } unknown {
    "no data"
  }
  if p99 < 700ms { "a" } unknown { "b" }
  if max(hosts_up()) > 3 or `pg_isready` no on 2 { "a" } unknown { "b" }
}
step "Zero, whole numbers and far ends fall through on purpose" {
  if p99 - (p99 1h ago) < 0s { "faster" } else if p99 - (p99 1h ago) > 0s { "slower" }
  if pool < 20% { "empty" } else if pool > 80% { "full" }
  match jobs { 0..10 { "few" } 11..20 { "some" } }
  match jobs { 1 { "one" } 3 { "three" } }
  match pool { < 20% { "empty" } 20%..80% { "fine" } }
}
step "Alike, and not the same" {
  wait 1m
  if p99 > 2s { escalate to "api-oncall" } else { escalate to "database-oncall" }
  if p99 > 3s { "a" } else if pool > 70% { "a" } else { "b" }
  check p99 < 4s else { "look" } unknown { "look" }
  match service { "a" { "x" } "b" { "x" } else { "y" } }
}
