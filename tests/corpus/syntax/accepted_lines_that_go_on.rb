runbook "x"
owner "api-oncall"
metric p99
  in s
  from host "uptime"
check p99 < 5s and
  p99 > 1s
  and p99 > 0s
  else {
    # nothing to do
    "slow"
  }
  unknown {
    stop
  }
let a = [1,
  2, 3 # three
]
let b = max(
  1,
  2
)
let c = {name: "x",
  other: a}
action "do it"
  within 5m

  # twice at most
  retry 1
    every 10s
escalate to owner
  because "#{c.name} #{a} #{b}"
wait until p99 > 1s
  for 1s
  within 1m
  every 1s
if p99 > 3s { "x" }
else if p99 > 2s { "y" }
else { "z" }
