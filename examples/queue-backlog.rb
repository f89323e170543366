# Based on a runbook for a large background queue: which queue is it, does it shrink by itself, and what may be dropped?
# The numbers come from a file that a cron job writes; `from http` or `from prometheus` reads the same.
runbook "Background queue is growing"

trigger  alert "QueueBacklog"
owner    "payments-oncall"
severity "sev2"

metric backlog from file "data/queue.json backlog"
metric workers from file "data/queue.json workers"
metric jobs by queue from file "data/queue.json jobs"

param limit = 1_000
param per_queue = 500

step "Is it really large?" {
  if backlog < limit {
    resolve "#{backlog} jobs are waiting: that is normal"
  }
  let at_first = backlog
}

step "Is anybody working?" {
  check workers > 0 else {
    action `systemctl restart worker` within 2m else {
      escalate to owner because "no worker is running, and none could be started"
      stop
    }
  }
}

step "One queue at a time" {
  for each queue in jobs where queue > per_queue up to 5 {
    match "What is queue #{queue.queue} full of?" within 20m showing queue {
      "one customer's bulk job" {
        action "Move the bulk job of #{queue.queue} to the slow queue"
      }
      "retries of a job that fails" {
        action "Pause the job class in #{queue.queue}" undo "Resume the job class in #{queue.queue}"
      }
      "ordinary work" {
        "It needs more workers, or time"
      }
      unknown {
        escalate to owner because "nobody could say what fills #{queue.queue}"
      }
    }
  }
}

step "Does it shrink?" {
  repeat up to 10 times every 1m until backlog < limit {
    "#{backlog} jobs are waiting, #{workers} workers"
  } else {
    escalate to owner because "#{backlog} jobs are still waiting, #{at_first} at first"
  }
}
