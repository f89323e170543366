# `disk` is a metric of the library: it is given like the runbook's own.
tests for "disk-full.rb"

test "every disk has room" {
  given disk {mount: "/"} = 40%
  given disk {mount: "/var"} = 89%
  expect no action
  expect no step "Clean up where it is safe"
  expect resolved
}

test "the disks cannot be read: nothing is removed" {
  each {
    given disk is none
    given disk is nan
    given provider host is error "no such disk"
  }
  expect no action
  expect no step "Clean up where it is safe"
  expect escalation to "infra-oncall" matching "cannot be read"
}

test "cleaning up helps" {
  given disk {mount: "/"} = 40%
  given disk {mount: "/var"} = 93%
  given probe `df -h /var` prints "/dev/sda2 50G 47G 3G 93% /var"
  given probe `test -d /var/tmp/rbl-cache` = yes
  after action clean { given disk {mount: "/var"} = 71% }
  expect record matching "93% /var"
  expect action clean(folder: "/var/tmp/rbl-cache", days: 7)
  expect no escalation
  expect resolved
}

test "more disks are full than a broom is for" {
  each {
    given disk {mount: "/d"} = 95%
    given disk {mount: "/d"} is nan
  }
  given disk {mount: "/a"} = 95%
  given disk {mount: "/b"} = 95%
  given disk {mount: "/c"} = 95%
  expect no action
  expect escalation to "infra-oncall"
}

test "cleaning does not work: it is kept, and a person is asked" {
  given disk {mount: "/var"} = 93%
  given probe `test -d /var/tmp/rbl-cache` = yes
  each {
    given action clean fails "find: permission denied"
    given action clean hangs
  }
  answer "Is something still writing that can be stopped now?" with "yes: stopped the dump"
  expect record matching "did not work"
  expect no escalation
  expect resolved
}

test "nothing may be removed: the person decides" {
  given disk {mount: "/var"} = 93%
  given probe `test -d /var/tmp/rbl-cache` = no
  answer "Is something still writing that can be stopped now?" with no
  expect no action
  expect escalation to "infra-oncall" matching "still over 90% after cleaning"
}

test "nobody can say what writes there" {
  given disk {mount: "/var"} = 93%
  given probe `test -d /var/tmp/rbl-cache` = no
  expect escalation to "infra-oncall" matching "nobody could say"
  expect escalated within 15m
}

test "it cannot be told whether there is a folder to clean" {
  given disk {mount: "/var"} = 93%
  expect no action
  expect escalation to "infra-oncall" matching "test -d"
}

test "the disks cannot be read any more after cleaning" {
  given disk {mount: "/var"} = 93%
  given probe `test -d /var/tmp/rbl-cache` = yes
  after action clean { given disk is none }
  expect action clean
  expect escalation to "infra-oncall" matching "every disk < limit"
}

test "the disks cannot be read, and the team cannot be paged: nothing is removed" {
  given disk is none
  given team "infra-oncall" is down
  expect no step "Clean up where it is safe"
  expect no escalation
  expect failed
}

test "cleaning did not help, and the team cannot be paged" {
  given disk {mount: "/var"} = 93%
  given probe `test -d /var/tmp/rbl-cache` = yes
  given team "infra-oncall" is down
  each {
    answer "Is something still writing that can be stopped now?" with no
    answer "Is something still writing that can be stopped now?" with "not sure"
  }
  expect action clean(folder: "/var/tmp/rbl-cache", days: 7)
  expect no escalation
  expect failed
}

test "a disk at exactly 90% is full, before and after cleaning up, though another has room" {
  given disk {mount: "/"} = 40%
  given disk {mount: "/var"} = 90%
  given probe `test -d /var/tmp/rbl-cache` = yes
  answer "Is something still writing that can be stopped now?" with no after 10m
  expect action clean
  expect escalation to "infra-oncall" matching "after cleaning up; before: /var 90%$"
}

test "three full disks are cleaned up" {
  given disk {mount: "/a"} = 95%
  given disk {mount: "/b"} = 95%
  given disk {mount: "/c"} = 95%
  given probe `test -d /var/tmp/rbl-cache` = yes
  after action clean {
    given disk {mount: "/a"} = 50%
    given disk {mount: "/b"} = 50%
    given disk {mount: "/c"} = 50%
  }
  expect action clean
  expect no escalation
  expect resolved
}

test "four full disks are no case for a broom, though there is something to sweep" {
  given disk {mount: "/a"} = 95%
  given disk {mount: "/b"} = 95%
  given disk {mount: "/c"} = 95%
  given disk {mount: "/d"} = 95%
  given probe `test -d /var/tmp/rbl-cache` = yes
  expect no action
  expect escalation to "infra-oncall"
}

test "cleaning up may take 90 seconds" {
  given disk {mount: "/var"} = 93%
  given probe `test -d /var/tmp/rbl-cache` = yes
  given action clean takes 90s
  after action clean { given disk {mount: "/var"} = 71% }
  expect no record matching "did not work"
  expect resolved
}

test "cleaning up that takes three minutes is given up" {
  given disk {mount: "/var"} = 93%
  given probe `test -d /var/tmp/rbl-cache` = yes
  given action clean takes 3m
  expect record matching "did not work"
  expect escalation to "infra-oncall"
}
