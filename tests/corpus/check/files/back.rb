runbook "Back"
owner "api-oncall"
run "runbooks_that_run_each_other.rb"
