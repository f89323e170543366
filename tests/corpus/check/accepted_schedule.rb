runbook "A maintenance window"
trigger schedule "0 3 * * mon-fri" in "Europe/Berlin" for 2h
owner "api-oncall"
"Do it"
