# Every kind of change once; the one test expects nothing that any of them would change.
runbook "Every kind"

trigger schedule "0 3 * * *" for 2h
owner   "api-oncall"

param limit = 90%
param keep: number = 3

metric p99 in ms from prometheus "p99"
metric disk by mount in % from host "disk.used"
metric workers from prometheus "workers"

let busy() = workers > 12 and max(p99 over 10m) > 500ms
define restart() as `restart` at most 5 in 1h
define start() as `start`

check every disk < limit else {
  record "a disk is full"
} unknown {
  "It is not known"
}
if not busy() or p99 1h ago == 200ms {
  "It is quiet"
} else if p99 <= 1s {
  escalate to "database-oncall" because "p99 is #{p99}"
} else {
  escalate to owner
}
match workers {
  1, 2 { "few" }
  < 10 { "some" }
  10..20 { "many" }
  else { "a lot" }
}
action restart() within 5m retry 2 every 10s finally start() undo start() else { stop }
action `reboot` by "sre" within 1m else { "nobody approved it" }
wait until p99 < 500ms for 5m within 1h else { "still slow" }
wait 30s
repeat up to 3 times every 1m until p99 < 500ms {
  "looking again"
}
for each full in disk where full >= limit up to 3 { "#{full.mount}" }
check "Is it well?" within 10m else { resolve "it is not" }
check `pg_isready` no on 1, 2 else { stop }
let way = if p99 < 1s { "fast" } else { "slow" }
"the #{way} way"
lock "database" within 5m else { stop "somebody else is at it" }
run "other.rb" with (limit: 5, hosts: 12) else { "it was not well" }

test "it comes by" {
  given p99 = 300ms
  given workers = 30
  given disk {mount: "/"} = 50%
  answer "Is it well?" with yes
  given probe `pg_isready` = yes
  expect step "Other"
}
