runbook "x"
trigger schedule "0 0 29 2 *"
owner "api-oncall"
"text"
