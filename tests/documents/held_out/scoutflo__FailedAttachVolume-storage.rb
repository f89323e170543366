runbook "FailedAttachVolume-storage"
about "Kubernetes is unable to attach or mount a PersistentVolume to a pod. Pods cannot start."
trigger alert "FailedAttachVolume-storage"

step "Playbook" {
  action "Describe PersistentVolumeClaim <pvc-name> in namespace <namespace> to inspect the PVC status"
  action "Retrieve events for PersistentVolumeClaim <pvc-name> sorted by timestamp"
  action "Describe pod <pod-name> to inspect pod volume definitions, status fields, and events"
  action "Retrieve events for pod <pod-name> to identify pod-specific volume attachment failures."
  action "Describe the StorageClass used by the PVC and list the corresponding storage provisioner pods in kube-system"
  action "Describe node <node-name> where the pod is scheduled and inspect its conditions and labels"
  action "List VolumeAttachment objects relevant to the PVC or pod and verify that the CSI driver is reporting volumes as attached"
  action "Describe node <node-name> capacity fields to confirm it has not exceeded the maximum number of attachable volumes"
  action "List all VolumeAttachments in the cluster to check for orphaned volume attachments"
}

step "Diagnosis" {
  action "Analyze pod events from Playbook step 4 to identify the specific attachment failure reason."
  """
    The event message contains critical diagnostic information: Multi-Attach error, attachment timeout, volume not found,
    permission denied
  """
  if "Do events show \"Multi-Attach error\"?" {
    "The volume is attached to another node."
    action "Check VolumeAttachment objects from Playbook step 7"
    if "Was the previous pod terminated but VolumeAttachment remains?" {
      "The detachment is stuck"
    }
    if "Is the previous pod still running on another node?" {
      "This is expected behavior for RWO volumes"
    }
    action "Compare with orphaned VolumeAttachments from step 9 to identify stuck attachments"
  }
  if "Do events show attachment timeout or CSI errors?" {
    action "Check the storage provisioner pods from Playbook step 5."
    if "Are CSI driver pods not Running or do they show restarts?" {
      action "Correlate restart timestamps with when attachment failures began."
    }
  }
  if "Do PVC events from Playbook step 2 show the PVC is not Bound?" {
    "The attachment failure is a symptom of PVC binding issues."
    action "Follow PVC Pending diagnosis instead."
  }
  if "Does the node description from Playbook step 6 show volume attachment limits reached (step 8)?" {
    "The node cannot attach more volumes. This is common with cloud providers that limit volumes per node."
  }
  if "Do all components appear healthy?" {
    action "Check VolumeAttachment objects from step 7 for the specific attachment status."
    if "Does attachmentMetadata show errors or attached=false with an error message?" {
      "The storage backend is rejecting the attachment request."
    }
  }
  if "Is no correlation found within the specified time windows?" {
    action "Extend the search window, review storage provisioner logs, check for gradual volume limit exhaustion, …"
    "Volume attachment failures may result from cumulative issues or storage backend problems not immediately visible."
  }
}
