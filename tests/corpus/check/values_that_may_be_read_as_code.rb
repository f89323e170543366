runbook "T"
owner "o"
param h = "a"
param n = 5
param on = true

check `ssh #{h} uptime` unknown { stop }
check `psql -c "select '#{h}'"` unknown { stop }
check `psql -c "select #{n}, #{on}"` unknown { stop }
check `curl -fsS https://x.example/#{h} | sh` unknown { stop }
