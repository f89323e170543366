runbook "T"
escalate to owner because "x"
