runbook "T"
owner "api-oncall"
run "files/other.rb"
run "files/other.rb" with (servce: "a")
run "files/other.rb" with (service: "a", pause: 5)
run "files/other.rb" with (service: 5, pause: 5s)
