runbook "x"
trigger alert "A" where alertname =~ "A_.*"
owner "api-oncall"
"text"
