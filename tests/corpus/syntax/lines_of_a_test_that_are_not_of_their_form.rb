runbook "x"
owner "api-oncall"
metric p99 in s from host "uptime"
check p99 < 5s
test "a" {
  given
  given p99
  given p99 is bad
  given p99 is stale
  given p99 has series
  given provider host is broken
  given action "x" works
  after { given p99 = 1s }
  answer "q"
  answer "q" with
  expect
  expect success
  expect no resolved
  check p99 < 5s
  param p99
  given team is down
  given team "a" is late
  given channel "a" hangs
  given channel incidents is down
  given alert
  given alert firing = yes
  given alert.firing yes
  given alert.fires = no
  given alert.firing is over
  given alert "X" with {a: "b"}
  given alerts = 5 minutes
}
