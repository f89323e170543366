runbook "VirtOperatorDown"
about """
  No virt-operator pod in Running phase has been detected for 10 minutes. It installs, updates and upgrades, watches the
  controllers and rotates certificates. Virtual machines are not significantly affected.
"""
trigger alert "VirtOperatorDown"
link "OKD Help" "https://okd.io/docs/community/help/"
link "#virtualization Slack channel" "https://kubernetes.slack.com/channels/virtualization"

step "Diagnosis" {
  if "Does the alert include a `reason` label (CrashLoopBackOff, ErrImagePull, ImagePullBackOff)?" {
    "It directly identifies why `virt-operator` is down. The `pod` label identifies the affected pod."
    action "Skip to Mitigation for the matching root cause."
  }
  let namespace = `kubectl get kubevirt -A -o custom-columns="":.metadata.namespace`
  action "Check the status of the `virt-operator` deployment" showing `kubectl -n #{namespace.text} get deploy virt-operator -o yaml`
  action "Obtain the details of the `virt-operator` deployment" showing `kubectl -n #{namespace.text} describe deploy virt-operator`
  action "Check the status of the `virt-operator` pods" showing `kubectl -n #{namespace.text} get pods -l kubevirt.io=virt-operator`
  action "Review the logs of the `virt-operator` pods" showing `kubectl -n #{namespace.text} logs -l kubevirt.io=virt-operator --previous`, `kubectl -n #{namespace.text} logs -l kubevirt.io=virt-operator`
  action "Check for node issues, such as a `NotReady` state" showing `kubectl get nodes`
}

step "Mitigation" {
  action "Try to identify the root cause and resolve the issue."
  match "Which of these common causes is it?" {
    "CrashLoopBackOff" {
      "The `virt-operator` container is crashing repeatedly."
      action "Check the pod logs for the root cause (panic, OOM, misconfiguration)."
    }
    "ErrImagePull / ImagePullBackOff" {
      "The container image cannot be pulled."
      action "Verify the image reference, registry availability, and pull secrets."
    }
    "Pods absent" {
      "No `virt-operator` pods exist."
      action "Check whether the deployment has been scaled to zero, deleted, or blocked by resource constraints."
    }
    "Node issues" {
      "Nodes may be in `NotReady` state, under resource pressure, or have scheduling constraints that prevent the pods from running."
    }
  }
  if "Can you not resolve the issue?" {
    "see the following resources: OKD Help, #virtualization Slack channel"
  }
}
