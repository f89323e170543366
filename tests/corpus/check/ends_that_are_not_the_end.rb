runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"

if p99 < 500ms { resolve }
check p99 < 2s else { stop }
if p99 < 1s { resolve } else { stop } unknown { "look" }
match p99 { < 1s { resolve } else { "go on" } }
for each x in ["a"] { if x == "a" { resolve } }
repeat up to 3 times { check p99 < 1s else { resolve } }
"told"
