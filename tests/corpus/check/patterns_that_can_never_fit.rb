runbook "T"
owner "api-oncall"
param service = "api"
metric p99 in s from prometheus "a"
metric disk by mount in % from prometheus "b"

match service { 3 { "a" } "x" { "b" } ["y", "z"] { "c" } [1, 2] { "d" } contains 3 { "e" } else { "f" } }
match p99 { < 5m { "a" } 5m..6m { "b" } "x" { "c" } contains "x" { "d" } > 5GB { "e" } else { "f" } }
match "How bad is it?" { "bad" { "a" } ["very", "very very"] { "b" } 3 { "c" } contains "x" { "d" } }
match disk { > 3% { "a" } else { "b" } }
match `kubectl get pods` { contains "Running" { "a" } else { "b" } }
