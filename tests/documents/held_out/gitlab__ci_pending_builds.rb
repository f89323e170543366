runbook "Large CI pending builds"
about "The most common problem is that we get a report that we have a large number of CI pending builds."
trigger alert "CICDTooManyPendingJobsPerNamespace"

step "1. Check CI dashboard and verify that we have a large number of CI builds" {
  action "Look at the graph with number of CI builds"
}

step "2. Verify graphs and potential outcomes out of the graphs" {
  "To understand what can be wrong, you need to find a cause."
  action "Check runner auto-scaling, and look for the Idle number"
  action "Verify jobs queues"
  if "Do you see a single namespace with a lot of builds?" {
    action "verify what projects are in that namespace and whether this is the abuser."
  }
  action "Verify long polling behavior (we are not yet aware of potential problems as of now)"
  action "Verify workhorse queueing"
  if "Do you see a large number of requests ending up in the queue?" {
    "It may indicate that CI API is degraded."
    action "Verify the performance of builds/register endpoint"
  }
  action "Verify runners uptime."
  if "Is runners uptime varying?" {
    "Most likely Runners Manager does die, because of the crash."
    action "It will be shown in runners manager logs" showing `grep panic /var/log/messages`
  }
}

step "3. Verify the number of errors" {
  "Generally, it is not a big problem, but it generates a lot of noise in logs. It is safe to run that runbook."
  action "Cross-check state between digital ocean and runners manager as described in that issue"
}

step "5. Verify that machines are created on shared-runners-manager-X.gitlab.com" {
  action "Login to runners manager and execute: `journalctl -xef | grep \"Machine created\"`"
  check "You see a constant stream of machines being created" else {
    action "try to debug logs from docker machine: `journalctl -xef | grep operation=create`"
    "If it fails to create you will see a message here."
  }
}

step "6. Verify that docker machine valid operation" {
  action "You should try to create machine manually: `docker-machine create -d google test-machine …`"
  check "This method succeeds."
  action "Once it is created you can log in to this created machine: `docker-machine ssh test-machine`"
  action "And try to run some docker containers, to verify that networking, DNS does work properly."
  action "Afterward tear down the machine: `docker-machine rm test-machine`"
  if "Does it fail at any of the commands?" {
    "It can mean: a problem with docker-machine creating machine, with docker-engine on machine, or with connectivity from docker-machine."
    action "verify if it's a problem of `docker version`"
    action "verify if it's a problem of `coreos-stable`"
    action "verify if it's a problem of networking out of the container: DNS?"
  }
}
