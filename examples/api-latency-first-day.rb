# The runbook api-latency.rb on its first day: prose that runs. A person answers and acts.
runbook "API latency alert (p99 over 500ms)"
owner   "api-oncall"

check "Open the latency dashboard: is the alert real?" else { resolve "false alarm" }
if "Did a deploy finish in the last 30 minutes?" {
  action "Roll it back"
  check "Is p99 back under 500ms?" else { escalate to owner because "rollback did not help" }
} else {
  check "Is the database connection pool below 90%?" else { escalate to "database-oncall" }
}
let cause = ask "What was the cause?"
record cause to "incidents"
