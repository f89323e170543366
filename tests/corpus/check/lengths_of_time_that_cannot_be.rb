runbook "Too long, too short"
owner "api-oncall"
param back = -5m
metric p99 in s from prometheus "p99"
let long = 90000w
let less = 5m - 10m

wait 1000000000000000s
wait long
check p99 < 1s else { "slow" } unknown { "no data" }
wait until p99 < 1s within less else { "slow" } unknown { "no data" }
wait until p99 < 1s within back else { "slow" } unknown { "no data" }
wait until p99 < 1s for 10m within 5m else { "slow" } unknown { "no data" }
wait until p99 < 1s for (5m * 3) within 5m + 5m else { "slow" } unknown { "no data" }
wait until p99 < 1s for 5m within 5m else { "slow" } unknown { "no data" }
action `true` within -1s
