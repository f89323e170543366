runbook "T"
owner "o"
param wanted = 3
metric q by a from prometheus "q"
metric p from prometheus "p"
let before = p
let now_p(x) = p > x
let fixed(x) = x > wanted

for each r in q up to 5 {
  action "fix" as remark
  wait until r < 10 within 5m else { stop }
  wait until remark == "yes" within 5m else { stop }
  wait until now_p(1) within 5m else { stop }
  wait until fixed(before) within 5m else { stop }
}
wait until before < 10 within 5m else { stop }
let once = p
wait until once < wanted within 5m else { stop }
for each x in [1, 2] {
  repeat up to 3 times every 1s until x < once { "again" } else { stop }
}
wait until wanted > 5 within 5m else { stop }
wait until p < 10 within 5m else { stop }
wait until "Is it over?" within 5m else { stop }
wait until `true` and wanted > 2 within 5m else { stop }
wait until now > time("2026-05-01T10:00:00Z") within 5m else { stop }
