runbook "T"
owner "api-oncall"
param which = "a"
use "files/none.rb"
use "files/other.rb"

run "files/nowhere.rb"
run "files/common.rb"
run "files/#{which}.rb"
check missing_name < 3
