runbook "MCCDrainError"
about """
  The Machine Config Operator (MCO) fails to drain a node, so it cannot reboot it: no change through a MachineConfig and no
  cluster upgrade. Fires as a warning when it cannot drain the node for an hour.
"""
trigger alert "MCCDrainError"

param controllerpod

step "Diagnosis" {
  action "First check the `machine-config-controller` pod, the central point of management for incoming updates to machines." showing `oc -n openshift-machine-config-operator logs #{controllerpod} -c machine-config-controller`
  """
    When the MCO starts draining a node, the Machine Config Controller (MCC) records the following log entry:

    1 drain_controller.go:173] node xxxxxxx-xxxxxx-xxxxxx-xxxxx: initiating drain
  """
  """
    The MCC then logs the name of each pod that is drained from the node.

    1 drain_controller.go:173] node xxxxxxx-xxxxxx-xxxxxx-xxxxx: Evicted pod <namespace>/<pod-name>
  """
  "If the MCO/MCC is unable to drain a pod after 1m30s, the MCC logs: Drain failed. Waiting 1 minute then retrying."
  "If the drain continues to fail, the MCC logs a second error message: Drain has been failing for more than 10 minutes. Waiting 5 minutes then retrying."
  "After one hour the MCC logs \"drain exceeded timeout: 1h0m0s\" and \"failed to drain node\", and the node is marked degraded."
  "The MCC logs explicitly list which pods are failing to drain."
  action "You should start examining the listed pods for the problem that is causing the drain to fail."
  """
    Common reasons: a PodDisruptionBudget; storage that the kubelet is unable to unmount; a webhook that targets UPDATE
    operations or is not called by the kube-apiserver; finalizers
  """
}

step "Mitigation" {
  if "Is a PDB causing the failure?" {
    action "Temporarily patch it to set `minAvailable` to 0: `oc patch pdb $PDB -n $NS --type=merge -p '{\"spec\":{\"minAvailable\":0}}'`"
    action "Then patch it to the previous value after the upgrade completes."
  }
  if "Is a webhook preventing the pod deletion?" {
    action "Check the `openshift-kube-apiserver` logs to see exactly what webhook is preventing deletion: Failed calling webhook, failing open …"
    action "Check if it's a `mutating` or `validating` webhook." showing `oc get validatingwebhookconfiguration`, `oc get mutatingwebhookconfiguration`
    action "Backup and delete the webhook: `oc get validatingwebhookconfiguration/<webhook_name> -o yaml > webhook.yaml`, `oc delete <webhook_type> <webhook_name>`"
    "This should allow the drain to continue; if the webhook does not come back automatically you can recreate it via the backup."
  }
  if "Can a pod not unmount storage?" {
    action "Troubleshoot why it's failing. With NFS, the problem could be a network issue with the storage server."
  } else if "Are you comfortable with possible data loss?" {
    action "Force delete the pod: `oc delete pod <pod-name> --force=true --grace-period=0`"
  }
  if "Are the finalizers causing the pod to be stuck in terminating status?" {
    action "Try patching the finalizers to null: `oc patch pod <pod_name> -p '{\"metadata\":{\"finalizers\":null}}' -n <namespace_name>`"
  }
  action "Or, you can force delete the pod using the previous command."
}
