runbook "Join the cluster"
owner "api-oncall"
timezone "Europe/Berlin"
param urgent = false
param kind = "small"
param members: text = "a, b"

metric lag by node in s from prometheus "replication_lag_seconds"
metric uptime in s from prometheus "uptime_seconds"

let grace = if urgent { 10s } else { 5m }
let size = if kind == "small" { 1 } else if kind == "large" { 3 } else { 2 }
let ports = {etcd: 2379, peer: 2380}
let names = split(members, ", ") + ["c"]

step "Say what was chosen" {
  let peers = [for each name in names where name != "b": "#{name}:#{ports["peer"]}"]
  record "grace #{grace}, size #{size}, peers #{join(peers, " ")}"
  for each port in ports { record "#{port.key} is #{port.value}" }
  record "long #{(if uptime > 1h { "yes" } else { "no" })}"
  record "at #{now.hour}:#{now.minute} on #{now.weekday} #{now.date}"
}

step "Wait for those that lag" {
  for each r in lag where r > 10s up to 3 {
    record "#{r.node} lags #{r}, over ten minutes #{delta(r over 10m)}"
  } none {
    record "nobody lags"
  } unknown {
    record "nobody knows who lags"
  }
}

test "the quiet way" {
  given uptime = 2h
  given lag {node: "a"} = 1s
  expect record matching "^grace 5m, size 1, peers a:2380 c:2380$"
  expect record matching "^etcd is 2379$"
  expect record matching "^peer is 2380$"
  expect record matching "^long yes$"
  expect record matching "nobody lags"
  expect resolved
}

test "the urgent way" {
  param urgent = true
  param kind = "large"
  param members = "x"
  given uptime = 30m
  given lag {node: "a"} = 12s
  given lag {node: "b"} = 3s
  expect record matching "^grace 10s, size 3, peers x:2380 c:2380$"
  expect record matching "^long no$"
  expect record matching "^a lags 12s, over ten minutes 0s$"
  expect resolved
}

test "another kind, and nothing is known" {
  param kind = "huge"
  expect record matching "size 2"
  expect record matching "^long no data$"
  expect record matching "nobody knows who lags"
  expect resolved
}

test "one series without a value" {
  given uptime = 2h
  given lag {node: "a"} = 12s
  given lag {node: "b"} is nan
  expect record matching "nobody knows who lags"
}

test "more than may be touched" {
  given uptime = 2h
  given lag {node: "a"} = 11s
  given lag {node: "b"} = 11s
  given lag {node: "c"} = 11s
  given lag {node: "d"} = 11s
  expect escalation to "api-oncall" matching "more than the limit of 3"
}
