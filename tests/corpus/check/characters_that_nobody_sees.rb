runbook "T"
owner "o"

check "Is ‮it‬ real?"
action `kubectl get pods`
"a zero​width space"
"Ça va ?"
check "Does it work?"
