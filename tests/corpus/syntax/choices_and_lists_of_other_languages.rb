runbook "As elsewhere"
owner   "api-oncall"

let xs = ["a", "b"]
let ys = [x for x in xs]
let zs = [upper(x) for x in xs if x != "a"]
let w = xs == [] ? "none" : "some"
if [ -f /tmp/x ]; then
  action `rm /tmp/x`
fi
for each x in xs { "#{x}" } else or unknown { stop }
for each x in xs { "#{x}" } else { stop }
