runbook "etcdNoLeader"
about "This alert is triggered when the etcd cluster does not have a leader for more than 1 minute."
trigger alert "etcdNoLeader"

step "Diagnosis" {
  match "Which cause is it?" {
    "Control plane nodes issue" {
      "This can occur when multiple control plane nodes are powered off or are unable to connect each other"
      check "All control plane nodes are powered and network connections between each machine are functional."
    }
    "Slow disk issue" {
      action "Inspect the Disk Sync Duration dashboard, as well as the Total Leader Elections Per Day"
      "Both dashboards are located in the OpenShift console under the etcd dashboard."
    }
    "Other" {
      action "Check the logs of etcd containers to see any further information"
      check "etcd does not have a leader. Logs should contain something like `etcdserver: no leader`"
    }
  }
}

step "Mitigation" {
  action "Follow the steps described in the disaster and recovery docs."
}
