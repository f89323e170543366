runbook "The queue is large"

trigger alert "LargeQueue"
owner   "api-oncall"

metric length_now        from prometheus "sum(queue_length)"
metric jobs by class     from prometheus "queue_length"
metric apdex    in ratio from prometheus "queue_apdex"
metric workers           from prometheus "queue_workers"

let too_long = 5_000

define pause(class)  as `queuectl pause --class #{class}`
define resume(class) as `queuectl resume --class #{class}`

step "Look" {
  if length_now < too_long and apdex > 95% { resolve }
  if workers == 0 {
    escalate to owner because "no worker is running"
    stop
  } else if workers < 10 {
    action `kubectl scale deployment/worker --replicas=20` within 2m retry 1
    wait until workers >= 20 within 10m else { escalate to owner because "only #{workers} workers" }
  }
}

step "One class at a time" {
  for each class in jobs where class > 1_000 up to 2 {
    match "What is #{class.class}?" showing class {
      "a bulk job" {
        action pause(class.class) undo resume(class.class)
        wait until length_now < too_long for 5m within 30m else { stop "pausing #{class.class} did not help" }
        action resume(class.class)
        check length_now < too_long
      }
      "real work" { "It takes its time" }
    }
  }
}
record "the queue is at #{length_now}"
