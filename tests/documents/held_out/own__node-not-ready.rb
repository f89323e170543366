runbook "Node stuck in NotReady"
trigger alert "NodeNotReadyFor15m"

param node

step "Is it one node or many?" {
  action "Count the nodes that are not ready" showing `kubectl get nodes --field-selector spec.unschedulable=false | grep NotReady`
  match "Is it one node or many?" {
    "More than three nodes in one zone" {
      "this is most likely a zone outage."
      action "Go to Zone outage and do not continue here."
    }
    "Only one node" {
      action "continue."
    }
  }
}

step "Look at the conditions of the node" {
  action "Describe the node and look at its conditions" showing `kubectl describe node #{node}`
  "DiskPressure: the node runs out of disk, …"
}

step "Fix the node" {
  match "Which applies?" {
    "The disk is full" {
      action "Log in to the node: `ssh core@${NODE}`"
      action "Remove unused images: `sudo crictl rmi --prune`"
      check "DiskPressure is False after a minute"
    }
    "The container runtime hangs" {
      action "Restart containerd: `sudo systemctl restart containerd`"
      check "The node becomes Ready"
      if "Is the node not Ready after 5 minutes?" {
        action "replace it as described below"
      }
    }
    "Nothing of this helps: replace the node" {
      "Warning: pods with local volumes lose their data. Talk to their owners first."
      action "Drain the node: `kubectl drain …`. This can take up to 20 minutes"
      if "Is the drain blocked by a PodDisruptionBudget?" {
        action "Find its owner in the label team and ask for permission to delete the pod."
      }
      if "Is there no owner?" {
        action "delete the pod."
      }
      action "Terminate the instance. The autoscaling group starts a new one."
      wait until "The new node has joined" within 30m
      action "Uncordon it if necessary"
    }
  }
}

step "Afterwards" {
  action "Add a line to the log of the week."
  if "Was the same node pool affected three times?" {
    action "Open an issue for sig-node."
  }
}
