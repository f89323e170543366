runbook "Disabling a Sidekiq queue"
about "When the system is under strain due to job processing, it may be necessary to completely disable a queue."

action "Identify which shard is associated to the queue"
match "How?" {
  "dashboard" {
    action "Find the queue in the Shard Overview Dashboard"
  }
  "files" {
    action "Find the resource_boundary for the queue and see which selectors match in values.yml"
  }
}
action "Update the selector for excluding the queue"
if "Is the queue being processed by catchall on VMs?" {
  action "Add it to EXCLUDED_QUEUE_SELECTORS_PER_ENVIRONMENT"
}
if "Is the queue being processed by catchall on K8s?" {
  action "Remove the queue from values.yml"
}
if "Is the queue being processed by one of the other shards in K8s?" {
  action "Add a selector `queues: resource_boundary=memory&name!=<queue name>`"
}
