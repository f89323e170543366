# Each test begins when the schedule is due: the window is open then, for two hours.
tests for "maintenance-window.rb"

test "a quiet night" {
  answer "Is node-1 the right node, and is its backup from last night good?" with yes
  given probe `grep -qx out /tmp/rbl-example-node/node-1` = yes
  answer "Install the updates on node-1 and restart it" with done after 40m
  answer "Is node-1 up with the new kernel?" with yes
  expect action cordon("node-1")
  expect action uncordon("node-1")
  expect record matching "node-1 is patched"
  expect no escalation
  expect resolved within 1h
}

test "not tonight" {
  answer "Is node-1 the right node, and is its backup from last night good?"
      with "no: the backup is from Friday"
  expect no action
  expect resolved
}

test "nobody is there" {
  expect no action
  expect escalation to "infra-oncall" matching "right node"
}

test "the node cannot be taken out of service" {
  answer "Is node-1 the right node, and is its backup from last night good?" with yes
  given action cordon fails "read-only file system"
  expect action uncordon("node-1")
  expect escalation to "infra-oncall" matching "read-only"
}

test "it does not leave the service: what was begun is taken back" {
  answer "Is node-1 the right node, and is its backup from last night good?" with yes
  each {
    given probe `grep -qx out /tmp/rbl-example-node/node-1` = no
    given probe `grep -qx out /tmp/rbl-example-node/node-1` = unknown
  }
  expect no action "Install the updates on node-1 and restart it"
  expect action uncordon("node-1")
  expect escalation to "infra-oncall"
  expect escalated within 3m
}

test "patching goes wrong: the node is put back, and the owner is called" {
  answer "Is node-1 the right node, and is its backup from last night good?" with yes
  given probe `grep -qx out /tmp/rbl-example-node/node-1` = yes
  answer "Install the updates on node-1 and restart it" with done
  answer "Is node-1 up with the new kernel?" with yes
  each {
    answer "Install the updates on node-1 and restart it" with failed
    given action "Install the updates on node-1 and restart it" hangs
    answer "Is node-1 up with the new kernel?" with no
    answer "Is node-1 up with the new kernel?" with "not sure"
  }
  expect action uncordon("node-1")
  expect escalation to "infra-oncall"
  expect no record matching "is patched"
}

test "no step starts once the window has closed" {
  answer "Is node-1 the right node, and is its backup from last night good?" with yes after 9m
  given probe `grep -qx out /tmp/rbl-example-node/node-1` = yes
  given action cordon takes 4m
  given action "Install the updates on node-1 and restart it" takes 59m
  answer "Is node-1 up with the new kernel?" with yes after 29m
  expect no escalation
  expect resolved within 2h
}

test "what is put back and cannot be is told, too" {
  answer "Is node-1 the right node, and is its backup from last night good?" with yes
  given probe `grep -qx out /tmp/rbl-example-node/node-1` = yes
  answer "Install the updates on node-1 and restart it" with done
  answer "Is node-1 up with the new kernel?" with yes
  given action uncordon fails "read-only file system"
  expect record matching "is patched"
  expect escalation to "infra-oncall" matching "cleanup failed"
  expect escalated
}

test "the node does not come back, and nobody can be paged: it is put back all the same" {
  answer "Is node-1 the right node, and is its backup from last night good?" with yes
  given probe `grep -qx out /tmp/rbl-example-node/node-1` = yes
  answer "Install the updates on node-1 and restart it" with done after 30m
  answer "Is node-1 up with the new kernel?" with no
  given team "infra-oncall" is down
  expect action uncordon("node-1")
  expect no escalation
  expect no record matching "is patched"
  expect failed within 1h
}

test "started by hand on a Wednesday: the window is closed, and nothing is begun" {
  given now = time("2026-05-06T12:00:00Z")
  expect no step "May we start?"
  expect no action
  expect no record
  expect escalation to "infra-oncall" matching "window closed .*May we start"
}

test "begun three minutes before the window closes: the node stays in service" {
  given now = time("2026-05-03T02:57:00Z")
  answer "Is node-1 the right node, and is its backup from last night good?" with yes after 4m
  expect no action
  expect no record
  expect escalation to "infra-oncall" matching "window closed .*Take it out of service"
  expect escalated within 5m
}

test "begun late: what there is no time for any more is not begun, and the node is put back" {
  answer "Is node-1 the right node, and is its backup from last night good?" with yes after 4m
  given probe `grep -qx out /tmp/rbl-example-node/node-1` = yes
  given action cordon takes 3m
  answer "Install the updates on node-1 and restart it" with done after 40m
  answer "Is node-1 up with the new kernel?" with yes after 5m
  each {
    given now = time("2026-05-03T02:54:00Z")
    given now = time("2026-05-03T02:15:00Z")
  }
  expect action cordon("node-1")
  expect action uncordon("node-1")
  expect no record matching "is patched"
  expect escalation to "infra-oncall" matching "window closed at 2026-05-03T03:00:00Z"
  expect escalated within 55m
}

test "that the node goes out of service is told before it does" {
  answer "Is node-1 the right node, and is its backup from last night good?" with yes
  given action cordon fails "read-only file system"
  expect record matching "node-1: it goes out of service"
}

test "who answers after a quarter of an hour is too late" {
  answer "Is node-1 the right node, and is its backup from last night good?" with yes after 15m
  expect no action
  expect escalation to "infra-oncall"
}

test "what takes too long is given up, and the node is put back" {
  answer "Is node-1 the right node, and is its backup from last night good?" with yes
  given probe `grep -qx out /tmp/rbl-example-node/node-1` = yes
  answer "Install the updates on node-1 and restart it" with done
  answer "Is node-1 up with the new kernel?" with yes
  each {
    given action cordon takes 7m
    answer "Install the updates on node-1 and restart it" with done after 80m
    answer "Is node-1 up with the new kernel?" with yes after 45m
  }
  expect action uncordon("node-1")
  expect escalation to "infra-oncall"
  expect no record matching "is patched"
}

test "why it went no further is said: the node did not leave the service" {
  answer "Is node-1 the right node, and is its backup from last night good?" with yes
  given probe `grep -qx out /tmp/rbl-example-node/node-1` = no
  expect escalation to "infra-oncall" matching "node-1 did not leave the service"
}

test "why it went no further is said: the node does not come back" {
  answer "Is node-1 the right node, and is its backup from last night good?" with yes
  given probe `grep -qx out /tmp/rbl-example-node/node-1` = yes
  answer "Install the updates on node-1 and restart it" with done
  answer "Is node-1 up with the new kernel?" with no
  expect escalation to "infra-oncall" matching "node-1 does not come back after patching"
}
