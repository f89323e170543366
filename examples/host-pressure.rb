#!/usr/bin/env rbl
# Is this machine short of anything? Reads this machine, needs no server, and changes nothing.
runbook "Host under pressure: disk, inodes, memory or load"

trigger  alert "HostUnderPressure"
owner    "infra-oncall"
severity "sev3"

use "library/machine.rb"

param disk_limit = 95%
param memory_floor = 5%
param load_limit = 400%

step "Has it just started?" {
  if uptime < 2m {
    "It started #{uptime} ago: caches are cold, so high load is to be expected"
  }
}

step "Room on the disks" {
  check every disk < disk_limit else {
    for each full in disk where full >= disk_limit up to 8 {
      # rbl: allow unknown/pipeline because du fails for a folder that it may not read, and still lists the others
      let largest = `du -xh --max-depth=1 #{full.mount} 2>/dev/null | sort -rh | head -n 5` within 20s
      record "#{full.mount} is #{full} full; the largest folders: #{largest.text}" to "incidents"
    }
    escalate to owner because "a disk is over #{disk_limit}"
  }
  # Some file systems count no inodes: then there is nothing to run out of.
  check every inodes < disk_limit else {
    escalate to owner because "a disk has space left, but no inodes"
  } unknown {
    "Inodes are not counted here"
  }
}

step "Memory" {
  check memory_available > memory_floor else {
    # rbl: allow unknown/pipeline because ps has nothing to fail on
    let hungriest = `ps -eo rss=,comm= --sort=-rss | head -n 5`
    record "#{memory_available} of memory is left; most is held by: #{hungriest.text}" to "incidents"
    escalate to owner because "only #{memory_available} of memory is left, swap is at #{swap_used}"
  }
}

step "Load" {
  check load_share() < load_limit else {
    # rbl: allow unknown/pipeline because ps has nothing to fail on
    let busiest = `ps -eo pcpu=,comm= --sort=-pcpu | head -n 5`
    record "load is #{load_5} on #{processors} processors; busiest: #{busiest.text}" to "incidents"
    escalate to owner because "load is #{load_5} on #{processors} processors"
  }
}

record "Looked at disks, inodes, memory (#{memory_available} left) and load (#{load_5})"
