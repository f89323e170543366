runbook "etcdMembersDown"
about """
  One or more etcd members are down. Often seen during a cluster upgrade, when a master node reboots. With more than a minority
  down the cluster becomes unrecoverable.
"""
trigger alert "etcdMembersDown"

step "Diagnosis" {
  action "Login to the cluster."
  action "Check health of master nodes if any of them is in `NotReady` state or not." showing `kubectl get nodes -l node-role.kubernetes.io/master=`
  "In case there is no upgrade going on, but the machineconfig of the master pool changed, each master node reboots in turn: the alert can be triggered as well."
  # No is no fault: it only says that the machine-config-operator is not at work.
  action "Check if the `machineconfiguration.openshift.io/state : Working` annotation is set for any of the master nodes: `kubectl get nodes -l node-role.kubernetes.io/master= -o template …`"
}

step "General etcd health" {
  action "Exec into the `etcdctl` container of any etcd pod: `kubectl exec -c etcdctl -n openshift-etcd …`"
  # It runs in that pod, not here.
  check "The `etcdctl` command is available: `etcdctl version`"
  action "Get the health of etcd: `etcdctl endpoint health -w table`"
}

step "Mitigation" {
  if "Is an upgrade in progress?" {
    "the alert may automatically resolve in some time when the master node comes up again."
  }
  if "Is MCO not working on the master node?" {
    action "Check the cloud provider to verify if the master node instances are running or not."
  }
  if "Are you running on AWS?" {
    "the AWS instance retirement might need a manual reboot of the master node."
  }
}
