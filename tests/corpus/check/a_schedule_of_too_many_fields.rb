runbook "x"
trigger schedule "0 0 3 * * mon"
owner "api-oncall"
"text"
