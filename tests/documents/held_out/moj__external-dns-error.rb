runbook "How to Investigate External-Dns Errors"
about "When there are errors in external-dns logs, \"ErrorsInExternalDNS\" alerts are sent to the low priority slack channel."
trigger alert "ErrorsInExternalDNS"

param pod_id

step "Troubleshooting" {
  "This is usually because an external-dns is unable to write records to Route-53 for a particular hosted zone."
  action "You can see errors from the external-dns pod by running this" showing `kubectl logs -n kube-system external-dns-#{pod_id} -f`
  match "Which error is it?" {
    "Invalid Change Batch" {
      "level=error msg=\"InvalidChangeBatch: …\""
      action "Identify the ingress causing the error in question and fix the ingress depending on the error message."
      "We may need to inform users to update the ingress causing the error."
      action "Follow this troubleshoot guide for common error messages to determine the error's cause"
      wait until "The error is cleared: you will see info logs similar to …" within 30m
    }
    "Rate Limited / Throttled" {
      "level=error msg=\"… Throttling: Rate exceeded …\""
      action "There isn't much we can do about being rate limited; acknowledge the alert."
    }
  }
}
