runbook "T"
owner "o"
metric lag by host in s from prometheus "lag_seconds"
probe answers(host) as `pg_isready -h #{host}` no on 1, 2

check "Is it real?" else { resolve }
let cause = ask "What is it?"
match "Which one?" {
  "a" { "the first" }
  else { "another" }
}
check answers("r2") unknown { "not known" }
check lag["r2"] < 5s unknown { "not known: #{cause}" }
action "do it"

test "nothing" {
  each {
  }
  expect no action
}

test "nobody says that" {
  answer "do it" with "zz"
  answer "do it" with yes
  answer "Is it real?" with done
  answer "Is it real?" with "maybe"
  given answers("r2") = yes
  expect no action
}

test "somebody says that" {
  answer "do it" with done
  answer "Is it real?" with "y, it is"
  answer "What is it?" with "zz"
  answer "Which one?" with "zz"
  given probe answers("r2") = yes
  expect action "do it"
}
