runbook "Restart"
owner "infra"
define restart(name) as `systemctl restart #{name}` at most 2 in 24h
define unpause(name) as `ctl unpause #{name}` at most 1 in 1h
define pause(name) as `ctl pause #{name}`
param name = "api"

check `test -e /run/#{name}.pid` else { resolve "it is stopped on purpose" }
lock "host-#{name}" within 5m else {
  escalate to "somebody" because "it is locked"
  stop
}
lock "host-#{name}" within 1s
action pause(name) finally unpause(name)
action restart(name) retry 2 else {
  run "files/limited.rb" else {
    escalate to owner because "restarted too often, and drained too often"
  }
}
check `curl -fsS localhost/#{name}`

test "all is free" {
  given probe `test -e /run/api.pid` = yes
  given probe `curl -fsS localhost/api` = yes
  expect action restart("api")
  expect action unpause("api")
  expect resolved within 1s
}

test "the lock is held, and free in time" {
  given probe `test -e /run/api.pid` = yes
  given probe `curl -fsS localhost/api` = yes
  given lock "host-api" is held for 4m
  expect action restart("api")
  expect resolved within 4m
}

test "the lock is held too long" {
  given probe `test -e /run/api.pid` = yes
  each {
    given lock "host-api" is held
    given lock "host-api" is held for 301s
  }
  expect no action
  expect escalation to "somebody" matching "it is locked"
  expect escalated within 5m
}

test "another lock is no concern of this run" {
  param name = "web"
  given probe `test -e /run/web.pid` = yes
  given probe `curl -fsS localhost/web` = yes
  given lock "host-api" is held
  expect action restart("web")
  expect resolved
}

test "restarted as often as it may be: no retry, and the clean-up is done" {
  given probe `test -e /run/api.pid` = yes
  given probe `curl -fsS localhost/api` = yes
  given limit restart reached
  given limit unpause reached
  expect action "Drain it"
  answer "Drain it" with done
  expect action unpause("api")
  expect resolved
}

test "the other runbook has a limit too" {
  given probe `test -e /run/api.pid` = yes
  given probe `curl -fsS localhost/api` = yes
  given limit restart reached
  given limit "files/limited.rb" reached
  expect no action "Drain it"
  expect escalation to "infra" matching "drained too often"
}

test "a limit is reached once the first restart is done" {
  given probe `test -e /run/api.pid` = yes
  after action pause { given limit restart reached }
  given probe `curl -fsS localhost/api` = yes
  answer "Drain it" with done
  expect action "Drain it"
  expect resolved
}
