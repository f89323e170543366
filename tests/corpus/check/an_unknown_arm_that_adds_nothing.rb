runbook "T"
owner "api-oncall"

for each node in ["a", "b"] {
  check node == "a" else or unknown { stop "off" }
  "on"
}
