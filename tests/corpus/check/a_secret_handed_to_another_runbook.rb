runbook "T"
owner "api-oncall"
secret token from env "TOKEN"

run "files/other.rb" with (service: token)
