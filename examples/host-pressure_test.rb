tests for "host-pressure.rb"

test "nothing is short" {
  given uptime = 30d
  given disk {mount: "/"} = 40%
  given inodes {mount: "/"} = 5%
  given memory_available = 60%
  given load_5 = 1.5
  given processors = 4
  expect no escalation
  expect record matching "60% left"
  expect resolved
}

test "it has just started, and some file system counts no inodes" {
  given uptime = 70s
  given disk {mount: "/"} = 40%
  given inodes is none
  given memory_available = 60%
  given load_5 = 9
  given processors = 4
  expect no escalation
  expect resolved
}

test "a disk is full: what fills it is kept" {
  given uptime = 30d
  given disk {mount: "/"} = 40%
  given disk {mount: "/var"} = 97%
  given inodes {mount: "/"} = 5%
  given memory_available = 60%
  given load_5 = 1.5
  given processors = 4
  given probe `du -xh --max-depth=1 /var 2>/dev/null | sort -rh | head -n 5` prints "80G /var/log"
  expect record matching "80G /var/log"
  expect escalation to "infra-oncall" matching "over 95%"
  expect step "Load"
}

test "each shortage calls the owner with its own words" {
  given uptime = 30d
  given disk {mount: "/"} = 40%
  given inodes {mount: "/"} = 5%
  given memory_available = 60%
  given swap_used = 90%
  given load_5 = 1.5
  given processors = 4
  each {
    given inodes {mount: "/"} = 99%
    given memory_available = 3%
    given load_5 = 40
  }
  expect escalation
      to "infra-oncall"
      matching "no inodes|3% of memory is left, swap is at 90%|load is 40 on 4"
  expect escalated
}

test "what cannot be read stops it: nobody believes that all is well" {
  given uptime = 30d
  given disk {mount: "/"} = 40%
  given inodes {mount: "/"} = 5%
  given memory_available = 60%
  given load_5 = 1.5
  given processors = 4
  each {
    given uptime is none
    given disk is none
    given memory_available is none
    given load_5 is nan
    given processors = 0
  }
  expect escalation to "infra-oncall"
  expect no record matching "Looked at"
}

test "one disk is full and another cannot be read: none of them is searched" {
  given uptime = 30d
  given disk {mount: "/var"} = 97%
  given disk {mount: "/mnt/nfs"} is nan
  expect no record
  expect no step "Memory"
  expect escalation to "infra-oncall" matching "/mnt/nfs: not a number"
}

test "nine full disks are too many to search: the owner is called at once" {
  given uptime = 30d
  given disk {mount: "/data1"} = 99%
  given disk {mount: "/data2"} = 99%
  given disk {mount: "/data3"} = 99%
  given disk {mount: "/data4"} = 99%
  given disk {mount: "/data5"} = 99%
  given disk {mount: "/data6"} = 99%
  given disk {mount: "/data7"} = 99%
  given disk {mount: "/data8"} = 99%
  given disk {mount: "/data9"} = 99%
  expect no record
  expect no step "Memory"
  expect escalation to "infra-oncall" matching "9 of .disk., more than the limit of 8"
}

test "a shortage of which nobody can be told: the run fails, and looks no further" {
  given uptime = 30d
  given disk {mount: "/"} = 40%
  given inodes {mount: "/"} = 5%
  given memory_available = 60%
  given load_5 = 1.5
  given processors = 4
  given team "infra-oncall" is down
  each {
    given disk {mount: "/"} = 97%
    given inodes {mount: "/"} = 99%
    given memory_available = 3%
    given load_5 = 40
  }
  expect no escalation
  expect no record matching "Looked at"
  expect failed
}

test "just within every limit nobody is called" {
  given uptime = 30d
  given disk {mount: "/"} = 94%
  given inodes {mount: "/"} = 94%
  given memory_available = 5.2%
  given load_5 = 15
  given processors = 4
  expect no escalation
  expect resolved
}

test "a disk at exactly 95% is full" {
  given uptime = 30d
  given disk {mount: "/"} = 95%
  given inodes {mount: "/"} = 5%
  given memory_available = 60%
  given load_5 = 1.5
  given processors = 4
  expect record matching "/ is 95% full"
  expect escalation to "infra-oncall" matching "over 95%"
}

test "inodes at exactly 95% have run out, though another disk has some" {
  given uptime = 30d
  given disk {mount: "/"} = 40%
  given inodes {mount: "/"} = 5%
  given inodes {mount: "/var"} = 95%
  given memory_available = 60%
  given load_5 = 1.5
  given processors = 4
  expect escalation to "infra-oncall" matching "no inodes"
}

test "memory at exactly 5% is short: what holds most of it is kept" {
  given uptime = 30d
  given disk {mount: "/"} = 40%
  given inodes {mount: "/"} = 5%
  given memory_available = 5%
  given swap_used = 10%
  given load_5 = 1.5
  given processors = 4
  given probe `ps -eo rss=,comm= --sort=-rss | head -n 5` prints "9000000 java"
  expect record matching "held by: 9000000 java"
  expect escalation to "infra-oncall" matching "only 5% of memory is left"
}

test "a load of exactly 400% is too much: what is busiest is kept" {
  given uptime = 30d
  given disk {mount: "/"} = 40%
  given inodes {mount: "/"} = 5%
  given memory_available = 60%
  given load_5 = 16
  given processors = 4
  given probe `ps -eo pcpu=,comm= --sort=-pcpu | head -n 5` prints "395 java"
  expect record matching "busiest: 395 java"
  expect escalation to "infra-oncall" matching "load is 16 on 4"
}
