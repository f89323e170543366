runbook "T"
owner "api-oncall"
use "files/round_a.rb"

check a < 3
