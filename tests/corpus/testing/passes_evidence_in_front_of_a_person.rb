runbook "A person judges what the machine fetched"
owner "api-oncall"
metric p99 in s from prometheus "p99"
let log = `tail -n 5 /srv/log`
check "Is it well?" showing log, p99, p99 over 1h within 10m else { stop "not well" } unknown { stop "nobody knows" }
action "Drain it" within 10m showing `df -h .` else { stop "not drained" }
let cause = ask "What was it?" among ["disk", "load"] showing p99 within 5m
match "Which?" showing log within 5m { "a" { record "a: #{cause}" } "b" { record "b" } unknown { record "not answered" } }

background {
  given p99 = 200ms
  given probe `tail -n 5 /srv/log` prints "all well"
  answer "Is it well?" with yes after 5m
  answer "Drain it" with done
  answer "What was it?" with "load"
  answer "Which?" with "a"
}
test "it is judged" {
  expect record matching "a: load"
  expect resolved
}
test "what cannot be shown is said, and keeps nobody from judging" {
  given p99 is none
  given probe `tail -n 5 /srv/log` = unknown
  expect record matching "a: load"
}
test "who comes too late is not waited for" {
  each {
    answer "Is it well?" with yes after 11m
    answer "Drain it" with done after 11m
  }
  expect no record
  expect escalation to owner
}
