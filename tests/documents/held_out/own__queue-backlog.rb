runbook "Service Bus queue backlog"
about "Messages in the queue invoices are older than 15 minutes."
owner "messaging"

param container

step "Check the consumers" {
  action "Run this to see whether the consumers are running" showing `az container list --resource-group invoices`
  if "Is a container in the state Stopped?" {
    action "Start it: `az container start --resource-group invoices --name <container>`"
  }
  if "Are all containers running but the CPU is above 80 %?" {
    action "Scale out: `az monitor autoscale update …`"
  }
}

step "Check the dead-letter queue" {
  action "Go to the Azure portal and open the namespace invoices-prod."
  action "Select Queues > invoices > Dead-letter."
  if "Are there more than 100 messages in the dead-letter queue?" {
    action "Peek at the first ten messages and note the value of DeadLetterReason."
  } else {
    action "Go to the next section."
  }
  match "What is the reason?" {
    "MaxDeliveryCountExceeded" {
      action "Resubmit the messages with Service Bus Explorer."
    }
    "TTLExpiredException" {
      action "Ask the owner of the sender whether they may be dropped."
    }
    "SessionLockLost" {
      action "Restart the consumer."
    }
  }
}

step "Useful commands" {
  "Show the length of the queue: `az servicebus queue show …`; show the metrics: `az monitor metrics list …`"
}

step "Validate" {
  check "The number of active messages decreases"
  "It can take up to 20 minutes until the backlog is gone."
  "Never purge the queue: invoices that are purged can't be restored."
}

step "Contact" {
  if "Does the problem persist?" {
    escalate to "Messaging team" because "contact the Messaging team on Teams"
  }
}
