runbook "NoRunningOvnMaster"
about """
  No OVN-Kubernetes master control plane pods are running for 10m. Only in OCP 4.13 or previous releases.
  Networking configuration updates are not applied: existing workloads may work partially, new ones do not.
"""
trigger alert "NoRunningOvnMaster"
severity "critical"
link "Alert hierarchy" "https://github.com/openshift/runbooks/blob/master/alerts/cluster-network-operator/hierarchy/alerts-hierarchy.svg"

param pod

step "Fix alerts before continuing" {
  action "Resolve any alerts that may cause this alert to fire: Alert hierarchy"
}

step "Control plane issue" {
  "This can occur when multiple control plane nodes are powered off or are unable to connect each other via the network."
  check "All control plane nodes are powered and network connections between each machine are functional." showing `oc get node -l node-role.kubernetes.io/master=""`
}

step "Cluster network operator" {
  "Cluster Network operator (CNO) manages the CRUD operations for OVN-Kubernetes daemonset."
  check "The CNO is running" showing `oc -n openshift-network-operator get pods -l name=network-operator`
  check "The CNO is functioning without error" showing `oc get co network`
  if "Is the network degraded?" {
    action "See the full error message: pay attention to Status Conditions of type Degraded" showing `oc describe co network`
  }
  action "Check the CNO logs for when it is reconciling the daemonset for ovnkube-master." showing `oc logs deployment/network-operator -n openshift-network-operator`
  """
    A successful reconcile for this daemonset looks like this in the CNO logs:

    I0228 14:48:30.941130       1 log.go:184] reconciling (apps/v1, Kind=DaemonSet) openshift-ovn-kubernetes/ovnkube-master
    I0228 14:48:30.960944       1 log.go:184] update was successful
  """
}

step "OVN-Kubernetes master pod" {
  check "The DESIRED number of daemonsets is equal to the number of Kubernetes control plane nodes" showing `oc get ds -n openshift-ovn-kubernetes ovnkube-master`, `oc get nodes -l node-role.kubernetes.io/master="" -o name | wc -l`
  if "Is the READY count from the daemonset not equal to DESIRED?" {
    action "Understand which container is failing: describe one of the failing pods with `oc describe pod ...`."
    action "Gather the runtime logs from that container. You may need to use `--previous`."
    action "Pay close attention to any log output starting with \"E\" for Error" showing `oc -n openshift-ovn-kubernetes logs #{pod} --all-containers=true | grep "^E"`
  }
}

step "Mitigation" {
  "The appropriate mitigation will be very different depending on the cause of the error discovered in the diagnosis."
  action "Investigate the issue using the steps outlined in diagnosis"
  if "Is fixing the issue not apparent?" {
    escalate to "incident response team"
  }
}
