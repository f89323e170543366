#!/usr/bin/env rbl
# A first runbook. Run it with `rbl run`, look for mistakes with `rbl check`. Nothing has to be configured.

runbook "The disk is filling up"

# Who is paged when something is not handled. `rbl.toml` says how; without one, this terminal is told.
owner "on-call"

# Measured on this machine. `from prometheus "…"` asks a Prometheus, once one is configured.
metric disk by mount in % from host "disk.used"

step "Is it still true?" {
  if every disk < 90% {
    resolve "every disk is below 90%"
  }
}

# A text where code is expected goes to a person: automate it one line at a time.
step "Make room" {
  check "Are there old logs that may go?" showing `df -h` else {
    escalate to owner because "nothing is left to delete"
  }
  action "Delete the old logs"
  check every disk < 90% else {
    escalate to owner because "the disk is still full"
  }
}
