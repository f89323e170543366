runbook "T"
owner "api-oncall"
metric pool in % from prometheus "a"
metric p99 in s from prometheus "b"
metric jobs from prometheus "c"

if pool < 40% { "a" } else if pool > 40% { "b" }
if p99 <= 1s { "a" } else if p99 > 1000ms and p99 < 2s { "b" } else if p99 > 2s { "c" }
match p99 { < 100ms { "a" } 200ms..1s { "b" } > 1s { "c" } }
match pool { < 40% { "a" } > 40% { "b" } }
match jobs { 0..10 { "a" } 20..30 { "b" } > 30 { "c" } }
