runbook "T"
owner "api-oncall"
param leader = "db-1"
let wanted = leader

# Another runbook may run this one, `with (leader: answer.text)`, and the answer may be unknown.
check leader != "db-3" else { resolve } unknown { "the leader is unknown" }
check wanted != "db-4" else { resolve } unknown { "the leader is unknown" }
match leader {
  "db-1" { "the first" }
  else { "another one" }
  unknown { "the leader is unknown" }
}
