runbook "x"
trigger alert "A" where severity = "page", team = "db", severity =~ "warn.*"
owner "api-oncall"
"text"
