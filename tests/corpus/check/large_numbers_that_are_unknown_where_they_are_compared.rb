runbook "T"
owner "api-oncall"
param big = 563018673253974017
let lit = 563018673253974017
if big == lit { "a" } else { "b" } unknown { "c" }
if big > 5 { "a" } else { "b" } unknown { "c" }
if [big] == [563018673253974018] { "a" } else { "b" } unknown { "c" }
if {a: big} == {a: 563018673253974018} { "a" } else { "b" } unknown { "c" }
if round(big) == 1 { "a" } else { "b" } unknown { "c" }
match big { 563018673253974017 { "a" } else { "b" } unknown { "c" } }
let small = 5
if small == 3 { "a" } else { "b" } unknown { "c" }
