runbook "x"
owner "api-oncall"
metric lag in s from prometheus "replication_lag_seconds"
metric free in B from prometheus "free_bytes"
param kind = "a"
let state() = `cat /run/state`

let log = `journalctl -u web`
check "ERR" in log.text == false
if not kind == "a" == true { "yes" }
if kind == "a" != true { "no" }
check lag > 0 and free >= 0 and lag in 0..5m
wait until state().text == "available" within 2h
check early == 3
let early = 3
