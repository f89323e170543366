runbook "x"
owner "api-oncall"
check
check 5 <
if { "a" }
if 5 < 3 "a"
match { "a" { "b" } }
match "q" { contains { "b" } }
match "q" { "a" "b" }
action
action within 5m
action "x" on
action "x" retry
action "x" as 5
action "x" finally
escalate "team"
escalate to
escalate to "team" because
wait
wait until
wait until "x" within
let
let x
let x =
record
record "x" to
for each
for each x { "a" }
for x in [1] { "a" }
for each x in [1] up 5 { "a" }
repeat { "a" }
repeat 3 times { "a" }
repeat up to 3 { "a" }
run
run other
run "x.rb" with a: 1
resolve the problem
stop it now
