runbook "NodeClockNotSynchronising"
about "A node is affected by issues with the NTP server for that node."
trigger alert "NodeClockNotSynchronising"

step "Diagnosis" {
  action "To diagnose the underlying issue, start a debug pod on the affected node and check the chronyd service: `oc -n default debug node/…`, …"
}

step "Mitigation" {
  if "Is the chronyd service failing or stopped?" {
    action "Start it: `systemctl start chronyd`"
  }
  if "Is the chronyd service ready?" {
    action "Restart it: `systemctl restart chronyd`"
  }
  "If chronyd starts or restarts successfully, the service adjusts the clock and displays something similar to …"
  check "The chronyd service is running" showing `systemctl status chronyd`
  action "Verify using PromQL: min_over_time(node_timex_sync_status[5m]), node_timex_maxerror_seconds"
  "node_timex_sync_status returns 1 if NTP is working properly, or 0 if not."
  "The alert triggers when the value for min_over_time(node_timex_sync_status[5m]) equals 0 and …"
}
