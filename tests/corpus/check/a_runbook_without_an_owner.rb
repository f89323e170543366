runbook "T"
"Look at it"
