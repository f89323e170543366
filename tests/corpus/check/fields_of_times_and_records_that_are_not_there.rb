runbook "T"
owner "api-oncall"
let r = {name: "a", "b.c": 2}
"#{now.hours} #{now.weekdays} #{now.date.day}"
if now.weekday == "Monday" { "a" }
if now.hour < "8" { "b" }
"#{r["name"]} #{r["names"]} #{r["b.c"]} #{r.b}"
for each e in r up to 3 { "#{e.key} #{e.value} #{e.name}" }
let s = if true { "a" } else { 2 }
let t = [1] + ["a"]
let u = [for each m in r: "Is #{m.key} well?" by "a"]
"#{s} #{t} #{u}"
