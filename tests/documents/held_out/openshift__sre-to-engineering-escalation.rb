runbook "SRE-to-ODF-Engineering escalation path"
about "How SRE escalates incidents with unavailability or data loss to ODF engineering. Needs the `MTSRE` role and ocm-cli 0.1.63."
link "ODF Managed Services Escalation" "https://mail.google.com/chat/u/0/?zx=545uzcc7jlkp#chat/space/AAAAOdTnXXo"

step "Determine whether the incident leads to unavailability / data loss for the customer" {
  "The best way to determine this is to see if the corresponding provider cluster has any storageconsumers or not."
  action "Determine the cluster ID of the Provider cluster associated with the customer"
  action "Backplane access into the provider cluster"
  action "See if there are any storageconsumers or not." showing `oc get storageconsumers.ocs.openshift.io -n openshift-storage`
  if "Are there no storageconsumers?" {
    # TODO: how long may it take?
    wait until "The next set of ODF's working hours has begun" within 4d
  }
}

step "Escalation path when the incident urgently requires help from ODF Engineering" {
  action "Follow the steps in the link, starting with submitting the Google Form, to get help from the ODF Engineering Team."
}

step "If above steps do not work" {
  "Follow the manual steps to escalate to ODF Engineering Team"
  action "Fetch certain details of the impacted cluster: `ocm describe cluster <internal/external-id-of-cluster>`"
  action "Open a Jira ticket in the RHOSDFP Jira board with the following details: …"
  action "Open a google chat thread in ODF Managed Services Escalation"
  escalate to "Engineering escalation contacts" because "I need engineering assistance" acknowledged within 15m else {
    action "a call should be made to the engineering escalation contact as per this table"
  }
  action "Get in touch with the associated person of ODF Engineering and get on a bridge call with them if need be"
}
