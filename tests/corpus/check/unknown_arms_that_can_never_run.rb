runbook "T"
owner "api-oncall"
param service = "api"
param many: number = 3
param other = "web"
let half = many / 2

check service == "api" unknown { "a" }
if many > 5 { "a" } else if not (other in ["x", "y"]) { "b" } unknown { "c" }
if half < 2 { "a number that is given may be too large to compute with" } unknown { "c" }
match other { "a" { "x" } matches "^b" { "y" } else { "z" } unknown { "0" } }
match many { < 3 { "a" } 5..9 { "b" } else { "c" } unknown { "0" } }
