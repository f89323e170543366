runbook "T"
owner "api-oncall"
run "a_runbook_that_runs_itself.rb"
