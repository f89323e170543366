#!/usr/bin/env rbl
runbook "Every declaration"

trigger  alert "ApiLatencyP99High" where severity = "page", team != "web", region =~ "eu-.*", stage !~ "dev|test"
owner    "api-oncall"
severity "sev2"
link     "Latency dashboard" "https://grafana.example.com/d/api-latency?service=#{service}"
use      "files/common.rb"

param service = "api"
param region
param a: text = "x"
param b: number = 3
param c: bool = true
param d: duration = 5m
param e: data = 10GiB
param f: ratio = 5%
param g = 200/s
param h = ["a", "b"]
param later = now - 1h
param shifted = d * 2

secret token_here from env "TOKEN"
secret key from file "/run/secrets/key"

metric plain from prometheus "up{service='#{service}'}"
metric lag(node) in s from prometheus "lag{node='#{node}'}"
metric disk by instance, mount in % from prometheus "disk"
metric speed in MiB/s from shop "/speed/#{region}"
metric used in ratio from host "memory.used"

define tell(who) as "Tell #{who} about it"
define restart_it(host) as `systemctl restart api --host #{host} --key #{key}`
define job(node, _mode) as rundeck "drain-#{service}"

let base = 250ms
let doubled(x) = x * 2
let slow(node) = lag(node) > doubled(base)

"#{a} #{b} #{c} #{d} #{e} #{f} #{g} #{h} #{later} #{shifted}"
check not slow("db-1") and plain > 0 and any disk > 90% and speed < 3MB/s and used < 90% and p99 < limit
action tell("them")
action restart_it(host: "db-1")
action restart("db-2")
action job("db-1", "fast")
action `curl -H "Authorization: #{token_here}#{token}" http://127.0.0.1/`
check too_slow(p99)
