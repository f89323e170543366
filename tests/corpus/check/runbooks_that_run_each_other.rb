runbook "T"
owner "api-oncall"
run "files/back.rb"
