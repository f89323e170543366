runbook "Other"
owner "api-oncall"
param a = 1
param b = "y"
"#{a} #{b}"
