runbook "VirtualMachineStuckOnNode"
about "A virtual machine has been stuck in an unhealthy state for more than 5 minutes on a node."
trigger alert "VirtualMachineStuckOnNode"
severity "warning"

step "Diagnosis" {
  # Check VM and VMI status
  action "Get VM details with node information: `oc get vm <vm-name> -n <namespace> -o yaml`"
  action "Check VMI status and node assignment: `oc get vmi …`, `oc describe vmi …`"
  action "Look for related events: `oc get events …`"
  # Examine virt-launcher pod
  action "Find the virt-launcher pod for this VM: `oc get pods …`"
  action "Check pod status and events: `oc describe pod …`"
  action "Check pod logs for errors: `oc logs …`"
  action "Optional: Check resource usage for the virt-launcher pod: `oc top pod …`"
  # Investigate node health
  action "Check node status and conditions (may require admin permissions): `oc describe node …`"
  let kubevirt_namespace = `oc get kubevirt -A -o custom-columns=:.metadata.namespace`
  action "Check virt-handler on the affected node: `oc get pods …`, `oc logs …`"
  # Check storage and volumes
  action "Verify PVC status and mounting: `oc get pvc …`, `oc describe pvc …`"
  action "Check volume attachments on the node: `oc get volumeattachment | grep <node-name>`"
  action "For DataVolumes, check their status: `oc get dv …`, `oc describe dv …`"
  # Verify image accessibility from node
  action "Verify image accessibility from the affected node: `oc debug node/<node-name> -it --image=busybox`"
  action "Inside the debug pod, check which container runtime is used: `ps aux | grep …`"
  action "For CRI-O/containerd clusters: `crictl pull <vm-disk-image>`"
  action "For Docker-based clusters (less common): `docker pull <vm-disk-image>`"
  action "Exit the debug session when done: `exit`"
  action "Exec into the virt‑launcher pod’s compute container and inspect domains: …"
}

step "Mitigation" {
  match "Which applies?" {
    "Pod-Level Issues" {
      action "Restart the virt-launcher pod: `oc delete pod …`. The VMI controller will recreate it"
      action "Check resource constraints: `oc describe pod …`. Look for resource limit violations"
    }
    "Image Issues on Node" {
      action "Inspect and, if necessary, clear image cache on the node: …"
      action "Force image re-pull: `oc delete pod …`"
    }
    "Storage Issues" {
      action "Check PVC binding and mounting: `oc get pvc …`. If PVC is stuck, check the storage provisioner"
      action "Resolve volume attachment issues: `oc get volumeattachment`"
      action "Delete stuck volume attachments if necessary: `oc delete volumeattachment <attachment-name>`"
    }
    "Node-Level Issues Resolution" {
      action "Drain and uncordon the node if it is in a bad state: `oc drain …`, `oc uncordon …`"
      action "Restart node-level components: `oc delete pod <virt-handler-pod> …`"
    }
    "VM-Level Resolution" {
      action "Force‑delete the VMI (triggers creating a new VMI): `oc delete vmi …`"
      action "Migrate the VM to a different node: `virtctl migrate …`"
    }
    "Emergency Actions" {
      action "Live migrate critical VMs away from the problematic node"
      action "Force delete the unresponsive VMI if it is safe to do so: `oc delete vmi …`"
      action "Cordon the node to prevent new VM scheduling while investigating"
    }
  }
}

step "Escalation" {
  if "Is one of these so: multiple VMs affected on the node, VMs consistently fail to start, node-specific issues persist, …?" {
    escalate to "cluster administrator"
  }
  if "Can you not resolve the issue?" {
    action "log in to the Red Hat Customer Portal and open a support case, attaching the artifacts gathered"
  }
}
