runbook "T"
trigger schedule "every monday" in "Europe/Berlin" for 2h
owner "api-oncall"
"x"
