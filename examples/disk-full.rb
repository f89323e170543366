# Based on the runbooks for KubePersistentVolumeFillingUp and a disk-space remediation: look, clean what may be cleaned, look again.
runbook "Disk filling up"

trigger  alert "DiskFillingUp" where severity =~ "warning|critical"
owner    "infra-oncall"
severity "sev2"
link     "Disks" "https://grafana.example.com/d/disks"

use "library/machine.rb"

param limit = 90%
# Only files of this folder, and only old ones, are ever removed.
param folder = "/var/tmp/rbl-cache"
param keep_days = 7

define clean(folder, days) as `find #{folder} -xdev -type f -mtime +#{days} -print -delete`

step "Which disks are full?" {
  if every disk < limit {
    resolve "every disk is below #{limit}"
  } unknown {
    escalate to owner because "the disks cannot be read"
    stop
  }
  let found = [for each full in disk where full >= limit: "#{full.mount} #{full}"]
}

step "Clean up where it is safe" {
  # More than three full disks need more than a clean-up.
  for each full in disk where full >= limit up to 3 {
    let before = `df -h #{full.mount}`
    record "before: #{before.lines[-1]}" to "incidents"
    if `test -d #{folder}` {
      action clean(folder, keep_days) within 2m else {
        record "cleaning #{folder} did not work" to "incidents"
      }
    } else {
      "There is no #{folder} on this machine: nothing that may be removed without asking"
    }
  }
}

step "Did it help?" {
  check every disk < limit else {
    check "Is something still writing that can be stopped now?" within 15m showing `lsof -nP +L1` else {
      escalate to owner because "a disk is still over #{limit} after cleaning up; before: #{found}"
    } unknown {
      escalate to owner because "a disk is still over #{limit}, and nobody could say what writes to it"
    }
  }
}
