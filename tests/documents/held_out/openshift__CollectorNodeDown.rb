runbook "CollectorNodeDown"
about "Prometheus is unable to scrape metrics from a log collector pod for more than 10 minutes."
trigger alert "CollectorNodeDown"

param pod_name
param servicemonitor_name

step "Diagnosis" {
  action "Check if the collector pod is running. Look for pods in a non-Running state" showing `oc get pods -n openshift-logging`
  action "Examine the status and recent events of the pod: image pull failures, resource constraints, …" showing `oc describe pod #{pod_name} -n openshift-logging`
  action "Review the logs of the pod for startup errors, configuration issues, or crash messages" showing `oc logs #{pod_name} -n openshift-logging`
  if "Is the pod running?" {
    action "Test if the metrics endpoint responds: `oc exec …`"
    "If this command fails or times out, the metrics server within the collector is not functioning."
  }
  check "Network policies allow Prometheus to scrape the collector"
  check "Policies permit ingress traffic from the monitoring namespace to the collector pods on the metrics port"
  check "The ServiceMonitor for the collector exists and is correctly configured"
  check "Its selector matches the labels of the collector service"
  check "The service exists and has endpoints"
  "If the endpoints list is empty, the service selector may not match the pod labels."
}

step "Mitigation" {
  "The following examples assume the collector is deployed to the 'openshift-logging' namespace"
  match "Which of these is so?" {
    "The collector pod is in a failed state" {
      action "Delete it to trigger a restart: `oc delete pod <POD_NAME> -n openshift-logging`"
    }
    "Pod events indicate resource issues" {
      action "Review the resource requests and limits of the pod"
      action "Check node resource availability"
      action "If necessary, adjust the collector's resource limits"
    }
    "The collector is failing to start due to configuration errors" {
      action "Review the ClusterLogForwarder custom resource"
      action "Check the generated collector configuration for errors"
      action "Correct any configuration issues and the collector should restart automatically."
      "Manual corrections should be reported as an issue to Red Hat"
    }
    "The collector pod cannot be scheduled or is stuck in Pending" {
      check "The node is ready"
      action "Check for node taints that might prevent scheduling"
      check "The node has sufficient resources to run the collector pod"
    }
    "The pod is running but Prometheus cannot reach it" {
      check "The metrics port is exposed in the pod specification."
      action "Check for network policies blocking traffic from the openshift-monitoring namespace."
      check "The Service and ServiceMonitor configurations are correct."
    }
  }
}
