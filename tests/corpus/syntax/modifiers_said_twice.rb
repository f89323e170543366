runbook "x"
owner "api-oncall"
action "a" within 5m within 6m
action "a" by "x" by "y"
action "a" retry 3 retry 4 finally "b" finally "c" undo "d" undo "e"
check "a" within 5m within 6m
check "a" else { "b" } else { "c" }
check "a" unknown { "b" } unknown { "c" }
wait until "a" within 5m every 1s every 2s
