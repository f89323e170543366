# People answer. Without an answer the result is unknown, and no arm handles that: the owner is paged.
tests for "api-latency-first-day.rb"

test "a false alarm" {
  answer "Open the latency dashboard: is the alert real?" with "no: the dashboard is green"
  expect no action
  expect resolved
}

test "nobody looks" {
  expect escalation to "api-oncall" matching "is the alert real"
  expect escalated within 30m
}

test "a deploy, and rolling it back helps" {
  answer "Open the latency dashboard: is the alert real?" with yes
  answer "Did a deploy finish in the last 30 minutes?" with yes after 2m
  answer "Roll it back" with done after 5m
  answer "Is p99 back under 500ms?" with yes
  answer "What was the cause?" with "the deploy of 9:40"
  expect action "Roll it back"
  expect record matching "9:40"
  expect no escalation
  expect resolved within 10m
}

test "rolling back does not help" {
  answer "Open the latency dashboard: is the alert real?" with yes
  answer "Did a deploy finish in the last 30 minutes?" with yes
  answer "Roll it back" with done
  answer "Is p99 back under 500ms?" with no
  expect escalation to "api-oncall" matching "rollback did not help"
  expect record matching "no answer"
}

test "nobody rolls back, or nobody can tell whether it helped" {
  answer "Open the latency dashboard: is the alert real?" with yes
  answer "Did a deploy finish in the last 30 minutes?" with yes
  each {
    answer "Roll it back" with "failed: no rights"
    answer "Roll it back" with skipped
    given action "Roll it back" hangs
    answer "Is p99 back under 500ms?" with yes
  }
  expect escalation to "api-oncall" matching "Roll it back"
  expect no record
}

test "it cannot be told whether it helped" {
  answer "Open the latency dashboard: is the alert real?" with yes
  answer "Did a deploy finish in the last 30 minutes?" with yes
  answer "Roll it back" with done
  answer "Is p99 back under 500ms?" with "not sure"
  expect escalation to "api-oncall" matching "Is p99 back under 500ms"
}

test "no deploy, and the pool has room" {
  answer "Open the latency dashboard: is the alert real?" with yes
  answer "Did a deploy finish in the last 30 minutes?" with no
  answer "Is the database connection pool below 90%?" with yes
  answer "What was the cause?" with "a crawler"
  expect no action
  expect record matching "a crawler"
  expect resolved
}

test "no deploy, and the pool is full" {
  answer "Open the latency dashboard: is the alert real?" with yes
  answer "Did a deploy finish in the last 30 minutes?" with no
  answer "Is the database connection pool below 90%?" with no
  expect escalation to "database-oncall"
  expect escalated
}

test "what is not sure is not guessed" {
  answer "Open the latency dashboard: is the alert real?" with yes
  each {
    answer "Did a deploy finish in the last 30 minutes?" with "not sure"
    answer "Did a deploy finish in the last 30 minutes?" with no
  }
  expect no action
  expect escalation to "api-oncall"
}

test "rolling back does not help, and the page does not arrive: the run does not end well" {
  answer "Open the latency dashboard: is the alert real?" with yes
  answer "Did a deploy finish in the last 30 minutes?" with yes
  answer "Roll it back" with done
  answer "Is p99 back under 500ms?" with no
  given team "api-oncall" is down
  expect action "Roll it back"
  expect no escalation
  expect no record
  expect failed
}

test "the database team cannot be paged: the owner is" {
  answer "Open the latency dashboard: is the alert real?" with yes
  answer "Did a deploy finish in the last 30 minutes?" with no
  answer "Is the database connection pool below 90%?" with no
  given team "database-oncall" is down
  expect no escalation to "database-oncall"
  expect escalation to "api-oncall" matching "database-oncall"
  expect no record
  expect escalated
}
