runbook "T"
owner "api-oncall"
param service
param port = 80
metric p99 in s from prometheus "a"
metric pool in % from prometheus "p"
metric disk by mount, host in % from prometheus "b"
define rollback(service) as `kubectl rollout undo deployment/#{service}`
define restart(service) as `systemctl restart #{service}`

step "Look" {
  check p99 < 500ms and any disk < 90% else {
    action rollback(service)
    action `reboot #{service}`
    action "Call them"
    record "it was slow"
    check `pg_isready` and "Did it help?"
  }
}

test "no value, no expectation" {
  given p99 = 3s
}

test "texts that are not there" {
  param service = "api"
  given action `rebot api` fails
  given action "Call tem" fails
  given probe `pg_isredy` = no
  given probe restart("api") = no
  answer "Did it hlp?" with yes
  answer "Call them" with done
  expect no action `start api`
  expect action restart("api")
  expect escalation to "database-oncall"
  expect record matching "fast"
  expect resolved
}

test "values that do not fit" {
  param service = "api"
  given pool = 5%
  given p99 = yes
  given p99 = p99 + 1s
  given disk has 3 series
  given disk {mount: "/"} = 95%
  given disk {mount: "/", host: "a"} = 95%
  given p99 = 3s from -0s
  expect record matching "#{p99}"
  expect resolved
}

test "values that do not fit" {
  param service = "api"
  after action rollback {
    expect resolved
    param port = 81
    given p99 = 100ms
  }
  each {
    given p99 = 3s
    each { given p99 = 3s }
  }
  expect resolved
}
