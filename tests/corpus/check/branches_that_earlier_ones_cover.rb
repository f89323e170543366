runbook "T"
owner "api-oncall"
param service = "api"
metric p99 in s from prometheus "a"

if p99 > 500ms { "a" } else if p99 > 5s { "b" } else { "c" }
if p99 < 1s { "a" } else if p99 > 2s { "b" } else if p99 in 100ms..900ms { "c" }
if p99 < 1s { "a" } else if p99 < 2s { "b" } else if p99 in 500ms..1.5s { "both of them" }
if service == "a" or service == "b" { "a" } else if service == "b" { "b" }
match p99 { < 1s { "a" } < 500ms { "b" } else { "c" } }
match service { "a" { "x" } ["b", "c"] { "y" } "c" { "z" } else { "0" } }
match service { contains "time" { "x" } contains "timeout" { "y" } else { "0" } }
match service { matches "^a" { "x" } matches "^a" { "y" } else { "0" } }
match p99 { 1s..2s { "a" } 1.5s { "b" } else { "c" } }
