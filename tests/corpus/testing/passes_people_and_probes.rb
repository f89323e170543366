runbook "People"
owner "api-oncall"
let tool = ask secret "Token?" within 1m
let state = `service api status`
check "Is it real?" within 10m else { record "not real" } unknown { record "who knows" }
check "Agreed?" by "security" within 10m else { record "not agreed" }
match "Which?" within 5m { "the first" { record "first" } "the second" { record "second" } unknown { record "neither" } }
let host = ask "Where?" among ["db-1", "db-2"] within 5m
let why = ask "Why?" within 5m
action "Restart #{host}" within 5m by "dba" as how else { record "no restart" }
check `pg_isready -h #{host}` no on 1, 2 else { record "not ready" } unknown { record "readiness cannot be told" }
record "#{host}: #{why}, #{how.text}, #{state.text}"
if `use #{tool}` { record "used" } unknown { "not said" }

test "answers of every kind" {
  answer "Token?" with "abc"
  answer "Is it real?" with yes after 9m
  answer "Agreed?" with "y: go on"
  answer "Which?" with "the second"
  answer "Where?" with 2
  answer "Why?" with 3 after 1m
  answer "Restart db-2" with "done: took a while"
  given probe `service api status` prints "running"
  given probe `service api status` = no
  given probe `pg_isready -h db-2` = yes
  expect record matching "second"
  expect record matching "db-2: 3, took a while, running"
  expect no record matching "not|neither|cannot"
  expect resolved within 10m
}

test "no is no, and not sure is not no" {
  answer "Is it real?" with no
  answer "Agreed?" with no
  answer "Which?" with "not sure"
  answer "Where?" with "db-1"
  answer "Restart db-1" with skipped
  given probe `pg_isready -h db-1` = no
  each {
    answer "Why?" with "not sure"
    answer "Why?" with unknown
  }
  expect record matching "^not real"
  expect record matching "^not agreed"
  expect record matching "^neither"
  expect record matching "^no restart"
  expect record matching "^not ready"
  expect record matching "db-1: not sure"
}

test "silence" {
  answer "Agreed?" with yes
  given probe `service api status` = unknown
  expect record matching "who knows"
  expect action "Restart no answer within 5m"
  expect record matching "no answer within 5m: no answer within 5m"
}

test "too late is no answer" {
  answer "Is it real?" with yes after 11m
  expect record matching "who knows"
  expect escalation to "api-oncall" matching "Agreed"
}
