runbook "Chosen wrongly"
owner "api-oncall"
timezone "Europe/Nowhere"
metric lag by node in s from prometheus "lag"
param on = true
let ports = {etcd: 2379}

let mixed = if on { "text" } else { 5m }
let missing = ports["peer"]
let made = [for each x in lag: "Is #{x.node} well?" within 5m]
let single = ["a"] + "b"
check now.second == 3 else { "no" }
check delta(lag over 10m) < 0s else { "grows" } unknown { "no data" }
check max(lag over 10m) < 9s else { "high" } unknown { "no data" }
for each x in ["a", "b"] { action `touch #{x}` } unknown { "never" }
check `true` else { "no" } unknown { "no" }
"#{mixed} #{missing} #{made} #{single}"
