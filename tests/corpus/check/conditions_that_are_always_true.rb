runbook "T"
owner "api-oncall"
param service = "api"
metric p99 in s from prometheus "a"
metric pool in % from prometheus "b"
let tries = 3

# Judged twice, and not measured anew.
check p99 < 500ms else { stop }
check p99 < 1s else { stop }
if pool < 90% { resolve }
if pool >= 90% { "a" } else { "b" }
check tries >= 3
check service == "api" or service != "api"
wait until tries == 3 within 5m else { stop }
# Behind a wait the last poll is known; in the arm it is not.
wait until p99 < 300ms within 5m else {
  check p99 >= 300ms
}
check p99 < 400ms
repeat up to 3 times until tries > 1 { "a" }
for each x in [1, 2] where tries == 3 { "#{x}" }
# The last that is left, with something behind it.
if pool < 95% { "a" } else if pool >= 95% { "b" } else { "c" }
match pool { < 95% { "a" } >= 95% { "b" } else { "c" } }
