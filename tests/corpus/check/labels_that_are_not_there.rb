runbook "x"
owner "api-oncall"
metric slow by "service.name", zone in s from prometheus "slow_seconds"

for each s in slow {
  "#{s["service.nme"]} #{s["zone"]} #{s.region}"
}
