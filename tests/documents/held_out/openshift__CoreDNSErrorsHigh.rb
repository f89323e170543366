runbook "CoreDNSErrorsHigh"
about "CoreDNS is returning SERVFAIL for more than 1 % of all requests: some requests are not resolved."
trigger alert "CoreDNSErrorsHigh"

step "Diagnosis" {
  action "Check the DNS operator" showing `oc get co/dns`
  action "Check whether the CoreDNS daemonsets are running on all nodes" showing `oc get ds -n openshift-dns`
  action "Check whether the CoreDNS pods can reach the upstream nameservers: `oc exec pod/$COREDNS_POD_NAME …`"
  action "Enable debug logging in CoreDNS: `oc patch dnses.operator.openshift.io/default …`"
  action "Follow the log streams: are the upstream nameservers returning SERVFAIL? `oc logs -c dns …`"
}

step "Mitigation" {
  if "Is there a connectivity issue between the CoreDNS pods and the workload?" {
    action "Review the placement of the DNS pods: `oc edit dns.operator/default`, spec.nodePlacement"
  }
  if "Is there a connectivity issue between the CoreDNS pods and the upstream nameservers?" {
    action "Review the undercloud connectivity."
  }
  if "Are the upstream nameservers not healthy?" {
    action "Apply a silence to the alert until these servers are troubleshooted."
  }
}
