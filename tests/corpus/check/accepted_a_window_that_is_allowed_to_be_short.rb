runbook "Patch"
# rbl: allow time/window because the operator stays until it is done
trigger schedule "0 3 * * 0" for 1h
owner   "api-oncall"

action "Install the updates and restart" within 2h
