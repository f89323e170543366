tests for "queue-backlog.rb"

test "the queue is as long as always" {
  given backlog = 120
  expect no action
  expect resolved
}

test "what cannot be read is not believed to be short" {
  given backlog = 5_000
  given workers = 8
  given jobs {queue: "mail"} = 4_000
  each {
    given backlog is none
    given workers is stale 20m
    given jobs is none
  }
  expect no action
  expect escalation to "payments-oncall"
}

test "nobody was working: restarted, and it shrinks" {
  given backlog = 5_000
  given workers = 0
  given jobs {queue: "mail"} = 400
  after action `systemctl restart worker` {
    given workers = 8
    given backlog = [5_000 x 3, 900] every 1m
  }
  expect action `systemctl restart worker`
  expect no escalation
  expect resolved within 10m
}

test "nobody is working, and nobody can be started" {
  given backlog = 5_000
  given workers = 0
  given action `systemctl restart worker` fails "unit not found"
  expect escalation to "payments-oncall" matching "none could be started"
  expect no step "One queue at a time"
}

test "a person says what each large queue is full of" {
  given backlog = 5_000
  given backlog = 800 from 5m
  given workers = 8
  given jobs {queue: "mail"} = 2_000
  given jobs {queue: "invoices"} = 2_500
  given jobs {queue: "exports"} = 900
  given jobs {queue: "small"} = 3
  answer "What is queue mail full of?" with "one customer's bulk job"
  answer "What is queue invoices full of?" with "retries of a job that fails"
  answer "What is queue exports full of?" with "ordinary work"
  answer "Move the bulk job of mail to the slow queue" with done
  answer "Pause the job class in invoices" with done after 1m
  expect action "Move the bulk job of mail to the slow queue"
  expect action "Pause the job class in invoices"
  expect no action "Resume the job class in invoices"
  expect no escalation
  expect resolved
}

test "nobody can say what fills the queue" {
  given backlog = 5_000
  given backlog = 800 from 25m
  given workers = 8
  given jobs {queue: "mail"} = 2_000
  expect escalation to "payments-oncall" matching "what fills mail"
  expect escalated
}

test "what the person was to do was not done: what was paused is resumed" {
  given backlog = 5_000
  given workers = 8
  given jobs {queue: "invoices"} = 2_000
  given jobs {queue: "mail"} = 2_000
  answer "What is queue invoices full of?" with "retries of a job that fails"
  answer "What is queue mail full of?" with "one customer's bulk job"
  answer "Pause the job class in invoices" with done
  answer "Resume the job class in invoices" with done
  answer "Move the bulk job of mail to the slow queue" with failed
  expect action "Resume the job class in invoices"
  expect escalation to "payments-oncall" matching "Move the bulk job"
}

test "nobody pauses the jobs" {
  given backlog = 5_000
  given workers = 8
  given jobs {queue: "invoices"} = 2_000
  answer "What is queue invoices full of?" with "retries of a job that fails"
  answer "Resume the job class in invoices" with skipped
  expect escalation to "payments-oncall" matching "Pause the job class"
}

test "it does not shrink, or nobody can tell any more" {
  given backlog = 5_000
  given workers = 8
  given jobs {queue: "mail"} = 100
  each {
    given backlog = 4_000 from 2m
    given backlog is none from 2m
  }
  expect escalation to "payments-oncall" matching "backlog < limit|4000 jobs are still waiting"
  expect escalated within 10m
}

test "more queues are large than one person can be asked about" {
  given backlog = 9_000
  given workers = 8
  given jobs {queue: "exports"} = 900
  given jobs {queue: "images"} = 900
  given jobs {queue: "invoices"} = 900
  given jobs {queue: "mail"} = 900
  given jobs {queue: "reports"} = 900
  given jobs {queue: "webhooks"} = 900
  expect no action
  expect no step "Does it shrink?"
  expect escalation to "payments-oncall" matching "6 of .jobs., more than the limit of 5"
}

test "nobody knows the first queue, and nothing comes of the second: one page is enough" {
  given backlog = 5_000
  given workers = 8
  given jobs {queue: "invoices"} = 2_000
  given jobs {queue: "mail"} = 2_000
  answer "What is queue mail full of?" with "one customer's bulk job"
  answer "Move the bulk job of mail to the slow queue" with failed
  expect escalation to "payments-oncall" matching "nobody could say what fills invoices"
  expect action "Move the bulk job of mail to the slow queue"
  expect no step "Does it shrink?"
  expect escalated within 25m
}

test "no worker can be started, and the team cannot be paged" {
  given backlog = 5_000
  given workers = 0
  given action `systemctl restart worker` fails "unit not found"
  given team "payments-oncall" is down
  expect action `systemctl restart worker`
  expect no escalation
  expect no step "One queue at a time"
  expect failed
}

test "the queues are as long as before, and the team cannot be paged" {
  given backlog = 5_000
  given workers = 8
  given team "payments-oncall" is down
  each {
    given jobs {queue: "mail"} = 2_000
    given jobs {queue: "mail"} = 100
  }
  expect no action
  expect no escalation
  expect failed within 25m
}

test "a backlog of exactly 1000 is large, and stays it" {
  given backlog = 1_000
  given workers = 1
  given jobs {queue: "mail"} = 100
  expect step "Is anybody working?"
  expect no action
  expect escalation to "payments-oncall" matching "1000 jobs are still waiting, 1000 at first"
}

test "of exactly 500 jobs nobody is asked, of 520 somebody is" {
  given backlog = 5_000
  given backlog = 800 from 25m
  given workers = 8
  given jobs {queue: "exports"} = 520
  given jobs {queue: "mail"} = 500
  expect escalation to "payments-oncall" matching "what fills exports"
  expect no escalation matching "what fills mail"
}

test "a restart of 90 seconds and an answer after a quarter of an hour are in time" {
  given backlog = 5_000
  given workers = 0
  given jobs {queue: "mail"} = 2_000
  given action `systemctl restart worker` takes 90s
  after action `systemctl restart worker` {
    given workers = 8
    given backlog = 900 after 16m
  }
  answer "What is queue mail full of?" with "ordinary work" after 15m
  expect no escalation
  expect resolved within 20m
}

test "a restart that takes three minutes is given up" {
  given backlog = 5_000
  given workers = 0
  given jobs {queue: "mail"} = 100
  given action `systemctl restart worker` takes 3m
  expect escalation to "payments-oncall" matching "none could be started"
  expect no step "One queue at a time"
}

test "it shrinks only with the last look, after ten minutes" {
  given backlog = 5_000
  given backlog = 999 from 570s
  given workers = 8
  given jobs {queue: "mail"} = 100
  expect no escalation
  expect resolved within 10m
}
