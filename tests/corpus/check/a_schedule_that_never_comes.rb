runbook "x"
trigger schedule "0 0 30 2 *"
owner "api-oncall"
"text"
