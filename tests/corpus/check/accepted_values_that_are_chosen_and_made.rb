runbook "Chosen"
owner "api-oncall"
timezone "Europe/Berlin"
metric lag by node in s from prometheus "lag"
metric p99 in s from prometheus "p99"
param on = true

let limit = if on { 10s } else if p99 > 1s { 20s } else { 30s }
let nodes = [for each r in lag where delta(r over 10m) > 0s: r.node] + ["witness"]

for each r in lag where r > limit {
  "#{r.node} was at #{max(r over 10m 1d ago)} yesterday, p99 at #{avg(p99 over 1h 1d ago)}"
} none {
  "nobody"
} unknown {
  "nobody knows"
}
for each entry in alert.labels { "#{entry.key} = #{entry.value}" } unknown { "no alert" }
if now.hour in 9..17 and not (now.weekday in ["Sat", "Sun"]) { "#{join(nodes, ", ")}" }
