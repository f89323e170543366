runbook "T"
owner "api-oncall"
param many: number = 3
let half = many / 2

for each service in ["api", "web"] {
  check service == "api" else { "b" } unknown { "a" }
}
for each count in [3, 7] {
  if count > 5 { "a" } else if not (count in [1, 2]) { "b" } unknown { "c" }
}
if half < 2 { "a number that is given may be too large to compute with" } unknown { "c" }
for each other in ["a", "bc"] {
  match other { "a" { "x" } matches "^b" { "y" } else { "z" } unknown { "0" } }
}
