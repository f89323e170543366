runbook "T"
owner "api-oncall"
metric lag(node, zone) in s from prometheus "lag{node='#{node}',zone='#{zone}'}"
define restart(host) as `reboot #{host}`
let late(x) = x > 3s
metric p99 in s from prometheus "a"

check lag("a") < 3s
check lag("a", "b", "c") < 3s
check lag(node: "a", node: "b") < 3s
check lag("a", node: "b") < 3s
check lag("a", zoen: "b") < 3s
check lag < 3s
check late() and late(p99)
action restart()
action restart("a", "b")
action restart(hots: "a")
check round() < 3
check round(3, 4) < 3
check round(x: 3) < 3
check quantile(p99 over 3m) < 3s
