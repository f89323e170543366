runbook "Everything that stands in a line of the contract"
about """
  What the **alert** means.
"""
timezone "Europe/Berlin"
trigger alert =~ "Api.*" where "service.name" = "a", severity =~ "page|warning", env != "dev", team !~ "x.*" by cluster
owner "api-oncall"
severity "sev2"
link "NAME" "https://example.com"
limit 3 runs in 1h by cluster
limit 2 at once
param cluster = "a"
param kind: text among ["rbd", "cephfs"] = "rbd"
param t: duration = 1h30m
param b: data = 10GiB
param r: ratio = 90%
param n: number = 1_000
secret token from env "TOKEN"
secret key from file "key.pem"
metric p99 in s from prometheus "p99"
metric lag(node) in s from prometheus "lag{node='#{node}'}"
metric disk by instance in % from prometheus "disk"
metric flow in MiB/s from prometheus "flow"
metric leader: text from file "c.json leader"
metric log: lines from file "c.log"
probe healthy(node) as `test -e /srv/#{node}` within 5s no on 3, 4
define drain(node) as `kubectl drain #{node}` at most 2 in 24h
define pause() as `pause`
define resume() as "Resume it"
let twice(x) = x * 2
let members = `m`.json

step "One" {
  check `curl -fsS https://x` within 5s no on 7, 22 on "h" else { stop "dead" } unknown { stop "?" }
  check healthy("a") and not "slow ops" in `ceph -s`.text else or unknown { escalate to owner because "no" acknowledged within 15m else { "nobody" } }
  lock "db-#{cluster}" within 5m else { stop "locked" }
  let hosts = [for each m in members where m.up: "#{m.name}:2380"]
  let x = if p99 < 500ms { "fast" } else if p99 < 1s { "ok" } else { "slow" }
  action drain("a") on "bastion" by "database-oncall" within 5m retry 2 every 10s showing p99 over 1h as out else { stop "not drained" }
  action pause() {
    wait until p99 < 500ms for 5m within 1h every 30s else { "late" } unknown { "?" }
  } finally resume() else { stop "not paused" }
}
step "Two" {
  "#{hosts} #{x} #{out.text} #{twice(2)} #{lag("db-1")}"
  for each d in disk where d > r up to 3 { "#{d.instance}: #{delta(d over 10m)}" } none { "none" } unknown { "?" }
  for each e in {a: 1, b: 2} up to 2 { "#{e.key}: #{e.value}" }
  for each k in ["a", "b"] { action drain(k) else { stop "no" } }
  check max(p99 over 1h) < 2 * max(p99 over 1h 1d ago) else { "slower" } unknown { "?" }
  check any disk > 95% or every disk < 10% else { "?" } unknown { "?" }
}
step "Three" {
  check flow > 20MiB/s and p99 in 100ms..2s and kind in ["rbd", "cephfs"] else { "?" } unknown { "?" }
  match now.weekday { ["Sat", "Sun"] { "weekend" } else { "work" } }
  match p99 { < 5m { "a" } >= 5m { "b" } unknown { "c" } }
  match leader { contains "db" { "a" } matches "^x" { "b" } else { "c" } unknown { "d" } }
  match "Which?" by "database-oncall" within 5m showing log { "a" { "a" } "b" { "b" } unknown { "c" } }
  let cause = ask "Which?" among ["a", "b"] within 30m
  let s = ask secret "The password?"
  action "Type it" within 1h else { stop "no" }
  action `use #{s} #{token} #{key}` else { stop "no" }
  check "Is it well?" by "database-oncall" within 5m showing `df -h`, p99 over 1h else { stop "no" } unknown { stop "?" }
  if alert.firing { wait until not alert.firing within 1h else { "fires" } unknown { "?" } } unknown { "?" }
  repeat up to 3 times every 1m until p99 < 1s { "again" } else { "no" } unknown { "?" }
  run "files/two_params.rb" with (a: 1, b: "x") else { "not resolved" }
  record "#{cause} \#{literal}" to "incidents"
  wait 5m
  escalate to "database-oncall" because "over" acknowledged within 15m else { "nobody" }
  let both = ["a"] + ["b"]
  let field = {"a.b": 1}["a.b"]
  "#{both} #{field} #{now.date} #{now - time("2026-05-01T10:00:00Z")} #{quantile(0.9, p99 over 1h)} #{(if n > 5 { 1 } else { 2 })} #{b} #{t}"
  resolve "over"
}
