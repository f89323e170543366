runbook "Sidekiq Queue Out of Control"
about """
  When the filesystem or database has major issues, the sidekiq queues can grow out of control. It may also be that Sidekiq
  jumps from one queue to the next without doing any job, or abuse. Follow this if the queues do not get better after other
  issues were resolved.
"""

step "Symptoms" {
  action "Open the Sidekiq dashboard and check the Sidekiq Queue Size Size gauge."
  if "Is it over 5k?" {
    "It should be red: at least we should be keeping an eye on it."
  }
  action "Particularly take a look at Sidekiq Enqueued Jobs to hint a trend"
  if "Is the trend going up?" {
    action "Consider taking action."
  }
}

step "Data Gathering" {
  action "Run the following command in order to get Sidekiq to output debug info to the log: `kill -TTIN <sidekiq_pid>`"
  action "Check in `/var/log/gitlab/sidekiq/current` for the output."
  action "Check for blocking queries when backtraces show that many threads are stuck in the database adapter."
  if "Does `kill -TTIN` fail to work due to high CPU usage?" {
    action "Gather statistics from `perf`: `sudo perf record -p <sidekiq_pid>`"
    action "Let that run for around 30 seconds and then check the report `sudo perf report`"
  }
}

step "Resolution" {
  match "Which applies?" {
    "Mail queue" {
      if "Is the queue all in `mailers` and in the many tens to hundreds of thousands?" {
        "It is possible we have a spam/junk issue problem."
        escalate to "abuse team" because "If so, refer to the abuse team for assistance"
        action "See also the snippet for some spam-fighting techniques we have used in the past to clean up."
        "This is in a private snippet so as not to tip our hand to the miscreants."
      }
    }
    "Other situations" {
      action "Spin up more sidekiq worker processes with fewer threads that specifically deal with troublesome queues."
      "For this we use sidekiq-cluster, a command that starts extra Sidekiq processes that consume only a limited number of queues."
      "sidekiq-cluster is configured via Omnibus/Chef just like any other service."
      "The option you're most likely interested in is called `queue_groups`. For example: …"
      "If a process should consume multiple queues you will have to separate them by a comma. For example: …"
      "This will start 1 process that consumes both `process_commit` and `post_receive`."
      action "Once the settings have been applied you'll need to run `sudo chef-client` on all the workers: `bundle exec knife ssh …`"
    }
  }
}

step "Get queues using admin interface" {
  action "Open https://gitlab.com/admin/sidekiq/queues"
}

step "Get queue size using rails console" {
  action "`gitlab-rails console`, `Sidekiq::Queue.new(\"pipeline_processing:build_queue\").size`"
}

step "Get enqueued jobs using rails console" {
  action "`queue = Sidekiq::Queue.new(\"chaos:chaos_sleep\") …`"
}

step "Get queues using sq.rb script" {
  "sq is a command-line tool that assists you in viewing the state of Sidekiq and killing certain workers."
  action "To use it, first download a copy: `curl -o /tmp/sq.rb …`"
  action "To display a breakdown of all the workers, run: `sudo gitlab-rails runner /tmp/sq.rb`"
}

step "Remove all jobs from a queue" {
  if "Do you need to drop an entire queue?" {
    action "Visit https://gitlab.com/admin/sidekiq/queues"
    action "Find the queue you want to drop and click \"Delete\""
  }
  "Dropped queues will be automatically recreated as needed."
}

step "Remove a specific worker that's pulling jobs from a shared queue" {
  "It's possible that multiple workers share the same queue. You can drop only specific types of workers via a command-line tool."
  action "BE CAREFUL WITH THIS COMMAND! See how many jobs would be killed using the `--dry-run` parameter: `curl …`, `sudo …`"
  "For example: `sudo gitlab-rails runner /tmp/sq.rb kill RepositoryMirrorUpdateWorker --dry-run`"
  action "You can omit the `--dry-run` option if you want to remove the jobs."
  "Putting the script in `/tmp` is one way of making sure its readable by `git` user."
}

step "Remove jobs with certain metadata from a queue" {
  "We currently track metadata in sidekiq jobs, this allows us to remove sidekiq jobs based on that metadata."
  "Interesting attributes are `root_namespace`, `project` and `user`. The admin Sidekiq queues API can be used."
  action "For instance: `curl --request DELETE …`. Will delete all jobs from `post_receive` triggered by a user."
  action "Check the output of each call"
  "It will report how many jobs were deleted. 0 may mean your conditions do not match anything."
  "This API endpoint is bound by the HTTP request time limit, so it will delete as many jobs as it can before terminating."
  if "Is the `completed` key in the response `false`?" {
    action "Try again with the same command to remove further jobs."
  }
}

step "Killing running sidekiq jobs (specific type, specific user)" {
  "THIS PROCEDURE WAS NOT TESTED IN PRODUCTION!!!!!!!!!!"
  "This is a highly risky operation: use it as a last resort. Doing this might result in data corruption."
  action "Here's an example of how to get all jobs of one type, from one user and how to kill them: `…`"
}
