runbook "Amazon RDS: too many connections"
about "The instance holds more than 90 % of max_connections for five minutes."
owner "Database Platform"
severity "SEV2"

step "Step 1: Confirm the alarm" {
  action "Sign in to the AWS Management Console and open the CloudWatch console."
  action "In the navigation pane, choose Alarms, and then choose orders-db-connections-high."
  check "The alarm is still in the ALARM state" else {
    action "Close the ticket and stop here"
  }
}

step "Step 2: Find out who holds the connections" {
  action "Connect to the instance: `psql …`"
  action "List the connections per application: SELECT …"
  if "Does one application hold more than 150 connections?" {
    action "Continue with Step 3"
  } else {
    action "Skip to Step 4"
  }
}

step "Step 3: Restart the application" {
  "Restarting batch cancels running exports. Ask the Finance on-call before you do this between 00:00 and 04:00 UTC."
  action "Restart the deployment: `kubectl -n orders rollout restart deployment <application>`"
  wait until "All pods are ready" within 5m
  check "The number of connections goes down"
}

step "Step 4: Raise the limit" {
  if "Are the connections spread evenly?" {
    "The limit is too low for the traffic"
    action "Open the parameter group orders-db-params."
    action "Set max_connections to a value that is 20 % higher."
    action "Reboot the instance during the next maintenance window."
  }
}

step "Verification" {
  check "The alarm is in the OK state"
  check "The error rate of orders-api is below 1 %"
}

step "Escalation" {
  if "Does none of the steps help within 30 minutes?" {
    escalate to "Database Platform on-call"
  }
}
