# Based on the runbook for a halted Thanos compactor: one symptom, a list of causes, and a person who reads the log that the
# machine fetched.
runbook "Compactor halted"
about """
  The compactor stops at a block that it cannot compact: blocks pile up, and in a few days queries become slow.
  It never starts again by itself.
"""
trigger  alert "ThanosCompactHalted", "ThanosCompactHasNotRun" by cluster
owner    "infra-oncall"
severity "sev2"

param log_file = "data/compactor.log"

step "What does the log say by itself?" {
  let log = `tail -n 50 #{log_file}`
  match log.text {
    contains "no space left on device" {
      check "Is the volume of the compactor full?" showing `df -h .` else {
        resolve "space was freed meanwhile"
      }
      action "Make the volume larger" within 2h
    }
    matches "meta\\.json.*(EOF|no such file)" {
      action "Remove the block whose meta.json is broken from the bucket" within 1h by "infra-oncall"
    }
    else {
      match "Which cause is it?" within 30m showing log {
        "overlapping blocks" {
          action "Mark the overlapping blocks for no compaction"
        }
        "the bucket cannot be reached" {
          escalate to owner because "the bucket of the compactor cannot be reached"
          stop
        }
        "none of these" {
          escalate to owner because "the compactor halted for a cause that is not in the catalogue"
          stop
        }
      }
    }
    unknown {
      escalate to owner because "the log cannot be read: #{log}"
      stop
    }
  }
}

step "Restart it" {
  action "Restart the compactor" within 15m
  check "Does the log show a finished compaction?" within 1h else {
    escalate to owner because "the compactor halts again; before, its log ended with: #{log.lines[-1]}"
  }
}
