runbook "Replica lag on a node"
owner "database-oncall"
trigger manual
metric lag in s from host "uptime"
metric used in % from host "memory.used"
metric ready from host "cpu.count"
metric nodes by cpu in % from host "cpu.used"
param volume = "db-1"
define failover(target, volume) as `ctl failover #{target} #{volume}`
define drain(n) as `ctl drain #{n}`
step "look" {
check lag < 5s and used < 90% else { resolve "fine" }
check ready > 0 else { stop }
if lag < 1s or used in 10%..20% and not (ready == 3) { "ok #{lag}" } else if lag > 1h { stop } else { wait 2s }
let x = lag * 2 + 3s
let y = used / 2 - 1%
let z = [1, 2, 3]
if x > 10s { record "x #{x}" } else { record "y #{y}" }
if 2 in z { wait 5s }
wait until lag < 1s within 5m every 5s
wait until lag < 2s for 1m within 9m
for each n in nodes where n > 5% up to 3 { action drain("a") within 1m retry 2 times every 5s }
repeat up to 3 times every 5s until lag < 1s { wait 1s }
action failover("b", volume) within 2m else { escalate to owner }
check any nodes > 90% else { stop } unknown { "?" }
check every nodes < 99% else { escalate to owner because "#{lag}" }
}
