runbook "T"
owner "api-oncall"
use "files/common.rb"

check too_slow(p99) else {
  action restart("a")
  action `curl -H "Authorization: #{token}" http://127.0.0.1/`
}
run "files/other.rb" with (service: "api", pause: 3m) else { stop }
run "files/other.rb" with (service: "api")
