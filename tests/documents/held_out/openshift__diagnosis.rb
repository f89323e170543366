runbook "Diagnosis cluster"

step "Verify cluster access" {
  check "You are in the correct context for the cluster mentioned in the alert." else {
    action "Please change context and proceed."
  }
  action "List clusters you have permission to access: `ocm list clusters`"
  action "From the list above, find the cluster id of the cluster named in the alert."
  if "Do you not see the alerting cluster in the list above?" {
    action "Please refer to Effective communication with SRE Platform"
  }
  action "Create a tunnel through backplane by providing SSH key passphrase: `ocm backplane tunnel <cluster_id>`"
  action "In a new tab, login to target cluster using backplane by providing 2FA: `ocm backplane login <cluster_id>`"
}

step "Check Alerts" {
  action "Set port-forwarding for alertmanager: `oc port-forward alertmanager-managed-ocs-alertmanager-0 9093 …`"
  action "Check all alerts: `curl http://localhost:9093/api/v1/alerts | jq …`"
}

step "Check OCS Ceph Cluster Health" {
  "You may directly check OCS Ceph Cluster health by using the rook-ceph toolbox."
  action "Step 1: Check and document ceph cluster health"
  action "Step 2: From the bash command prompt, run the following and capture the output: `ceph status`, `ceph osd status`, `exit`"
  if "Is `ceph status` not in HEALTH_OK?" {
    action "Please look at the Troubleshooting section to resolve issue."
  }
}

step "Check Worker Node Status" {
  if "Is `ceph status` not HEALTH_OK, and are all unhealthy components related to a particular node?" {
    "Then the following steps will help identify if the underlying infrastructure is at fault."
    action "Step 1: Check Node Health" showing `oc get nodes -o wide`
    if "Are any nodes not ready/scheduable?" {
      action "Step 2: Inspect Node Events: `oc get events -n default | grep NODE_NAME`"
      "Example: …"
      action "Look for any events similar to the above example which may indicate the node is undergoing maintainence."
    }
  }
}
