runbook "KubeletDown"
about "The monitoring system has not been able to reach any of the kubelets in a cluster for more than 15 minutes."
trigger alert "KubeletDown"

param node_name

step "Diagnosis" {
  action "Review the status of the nodes and check for recent events on nodes and other resources"
    showing `oc get nodes`, `oc describe node #{node_name}`, `oc get events`
  action "Access the journal logs of the cluster nodes to review the logs for the kubelet"
  if "Is the kubelet functional?" {
    action "Read its logs; `oc adm node-logs --help` has other ways to select nodes" showing `oc adm node-logs --role=master -u kubelet`
  }
  if "Is the kubelet not functional and do you have SSH access to the nodes?" {
    action "Review the logs for the kubelet: `journalctl -b -f -u kubelet.service`"
  }
}

step "Mitigation" {
  "The mitigation depends on what made the kubelets unresponsive."
  action "Begin by checking for general networking issues or for node-level configuration issues."
}
