runbook "Drain"
owner "infra"
limit 1 at once
limit 2 runs in 1h
action "Drain it"
