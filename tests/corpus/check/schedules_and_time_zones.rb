runbook "T"
trigger schedule "0 25 * * *" in "Europe/Atlantis" for 5
owner "api-oncall"
"x"
