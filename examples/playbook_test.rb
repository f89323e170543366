# The metrics, probes and questions of the other runbooks are given here as if they were this runbook's own.
tests for "playbook.rb"

test "a good morning" {
  given uptime = 30d
  given disk {mount: "/"} = 40%
  given inodes {mount: "/"} = 5%
  given memory_available = 60%
  given load_5 = 1.5
  given processors = 4
  given probe `test -r /etc/ssl/certs/ca-certificates.crt` = yes
  given probe good_for(1814400) = yes
  expect no action
  expect no escalation
  expect resolved
}

test "what one of them finds, the others do not keep it from looking" {
  given uptime = 30d
  given disk {mount: "/"} = 40%
  given inodes {mount: "/"} = 5%
  given memory_available = 60%
  given load_5 = 1.5
  given processors = 4
  given probe `test -r /etc/ssl/certs/ca-certificates.crt` = yes
  given probe good_for(1814400) = yes
  each {
    given memory_available = 2%
    given load_5 is none
  }
  expect record matching "the machine is under pressure"
  expect escalation to "infra-oncall"
  expect step "Does it expire soon?"
  expect escalated
}

test "a disk is full, and nobody can say what fills it" {
  given uptime = 30d
  given disk {mount: "/"} = 93%
  given inodes {mount: "/"} = 5%
  given memory_available = 60%
  given load_5 = 1.5
  given processors = 4
  given probe `test -d /var/tmp/rbl-cache` = no
  given probe `test -r /etc/ssl/certs/ca-certificates.crt` = yes
  given probe good_for(1814400) = yes
  expect record matching "a disk is full"
  expect escalation to "infra-oncall"
}

test "the certificate is not there: the team of that runbook is called" {
  given uptime = 30d
  given disk {mount: "/"} = 40%
  given inodes {mount: "/"} = 5%
  given memory_available = 60%
  given load_5 = 1.5
  given processors = 4
  given probe `test -r /etc/ssl/certs/ca-certificates.crt` = no
  expect record matching "needs a person"
  expect escalation to "security"
  expect no escalation to "infra-oncall"
}

test "just within the limits of the round nobody is called" {
  given uptime = 30d
  given disk {mount: "/"} = 89%
  given inodes {mount: "/"} = 5%
  given memory_available = 5.2%
  given load_5 = 15
  given processors = 4
  given probe `test -r /etc/ssl/certs/ca-certificates.crt` = yes
  given probe good_for(1814400) = yes
  expect no record matching "under pressure|is full"
  expect no escalation
  expect resolved
}

test "at exactly the limits of the round the machine is under pressure" {
  given uptime = 30d
  given disk {mount: "/"} = 40%
  given inodes {mount: "/"} = 5%
  given memory_available = 60%
  given swap_used = 10%
  given load_5 = 1.5
  given processors = 4
  each {
    given disk {mount: "/"} = 90%
    given memory_available = 5%
    given load_5 = 16
  }
  expect record matching "the machine is under pressure"
  expect escalation to "infra-oncall"
}

test "another limit for disks holds in both runbooks that look at them" {
  param disk_limit = 50%
  given uptime = 30d
  given disk {mount: "/"} = 60%
  given inodes {mount: "/"} = 5%
  given memory_available = 60%
  given load_5 = 1.5
  given processors = 4
  given probe `test -d /var/tmp/rbl-cache` = no
  expect record matching "the machine is under pressure"
  expect record matching "a disk is full"
}

test "another limit for memory holds in the runbook that looks at it" {
  param memory_floor = 20%
  given uptime = 30d
  given disk {mount: "/"} = 40%
  given inodes {mount: "/"} = 5%
  given memory_available = 15%
  given swap_used = 10%
  given load_5 = 1.5
  given processors = 4
  expect record matching "the machine is under pressure"
}

test "another limit for the load holds in the runbook that looks at it" {
  param load_limit = 100%
  given uptime = 30d
  given disk {mount: "/"} = 40%
  given inodes {mount: "/"} = 5%
  given memory_available = 60%
  given load_5 = 6
  given processors = 4
  expect record matching "the machine is under pressure"
}

test "another certificate is the one that is looked at" {
  param certificate = "/etc/nginx/site.pem"
  given uptime = 30d
  given disk {mount: "/"} = 40%
  given inodes {mount: "/"} = 5%
  given memory_available = 60%
  given load_5 = 1.5
  given processors = 4
  given probe `test -r /etc/nginx/site.pem` = no
  expect escalation to "security" matching "/etc/nginx/site.pem cannot be read"
}
