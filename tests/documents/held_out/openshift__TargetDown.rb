runbook "TargetDown"
about """
  Prometheus has been unable to scrape one or more targets over a specific period of time: their metrics are not captured,
  alerts can be inaccurate, and auto-scalers might not function correctly.
"""
trigger alert "TargetDown"

step "Identifying targets that are down" {
  match "How?" {
    "In the console" {
      action "Navigate to Observe -> Targets in the OpenShift web console. Choose Down in the Filter combo button."
      action "Click on individual targets for details and error messages from the last scrape attempt."
    }
    "Alternatively, by a query" {
      action "Query `up == 0` in Observe -> Metrics."
    }
  }
  "The alert and the metric `up` have labels: with these we can identify which Prometheus instance fails to scrape which target: …"
  "Now we have both end of the metric scraping flow as well as the monitor resources linking them together."
}

step "Potential Issues and Resolutions" {
  match "Which of these is it?" {
    "Unknown Content Type" {
      "Beginning with version 4.19, Prometheus enforces stricter rules on the `Content-Type` header when scraping."
      "If the scraped target does not have a `Content-Type` header or it is unparsable, the scrape fails."
      action "For more context, error logs similar to the following one should be present: `oc -n $NAMESPACE logs …`"
      action "In such a case, open a support case and attach the artifacts gathered during the diagnosis procedure."
    }
    "Network Issues" {
      action "Check the network connectivity between the Prometheus pod and the target pod."
      check "The target pod is reachable from the Prometheus pod and no firewall rules or interruptions block communication."
      "There are some useful metrics to help investigating network issues: …"
      "OpenShift guide on Troubleshooting network issues provides more details."
    }
    "Target Resource Exhaustion" {
      check "The pod's health and ready probes report a good state."
      check "The metric endpoint is responsive."
      "We can either forward the metric port to local and then query it, or send query to the port on the container."
      if "Does the query return an error?" {
        "It is probably an application problem."
      }
      if "Does the query take too long or time out?" {
        "It is probably due to resource exhaustion."
      }
      "Some applications may enforce rate limiting or throttling."
      action "Check if the scraping traffic is hitting such limits."
      "Checking the pod's logs and events may help us diagnose such problems."
      action "Then we should check if the target pod resource utilization is too high, causing it to become unresponsive."
      "We can refer to the tab Observe -> Dashboards to have an overview of resource utilization."
      "To view more details of CPU and memory usage, we can check these metrics: …"
      if "Are some basic metrics not available?" {
        action "Get CPU and memory usage of a pod: `oc top pod $POD_NAME`"
        action "As well as this command for volume free space: `oc exec … df`"
      }
    }
    "Target Application or Service Failure" {
      action "Investigate if the application or service running on the target is experiencing issues or has even crashed."
      action "Review logs and last metrics from the target pod to identify any errors or crashes."
      "Here is a guide to investigate pod issues in OpenShift."
    }
    "Incorrect Target Configuration" {
      check "The scrape target configuration in Prometheus is correct."
      "This configuration is generated from the `ServiceMonitor` and `PodMonitors`."
      action "Get the `ServiceMonitor` and `PodMonitors` related to the alert: `oc get servicemonitor …`"
      action "Check the target's port, selector, scheme, TLS settings, etc for invalid values."
      action "Please refer to the Prometheus Operator API document for detailed specification."
      "Even if the TLS settings are correct, it may still fail due to certificate expiration. Refer to the next section."
    }
    "Expired SSL/TLS Certificates" {
      if "Does the target use SSL/TLS for communication?" {
        action "Check if the certificate has expired or certificate files accessible by Prometheus."
      }
      "The certificate that Prometheus uses is indicated in `.spec.endpoints.tlsConfig.certFile`. Therefore, we can deduce which secret."
      "Here is an example. We have a `ServiceMonitor` using `…/tls.crt` as its certificate file: …"
      "The `Prometheus` that scrapes this target has a volume mounted where the secrets have the same name as the subdirectory."
      action "Now we extract the certificate from the secret using this command: `oc extract secret/… > certificate.crt`"
      action "Then we inspect its expiration date." showing `openssl x509 -noout -enddate -in certificate.crt`
      check "The output contains the `notAfter` field as its expiration date: notAfter=Aug  6 13:11:20 2025 GMT"
      "Openshift usually renews certificates automatically. This date should be sometime in the future."
      if "Does the certificate expire without automatic renewal?" {
        escalate to "OpenShift support team"
      }
      if "Does the issue require immediate resolution?" {
        action "Please refer to this guide on how to force a certificate renewal."
      }
      "To diagnose potential issues with automatic certificate renewal, perform the following checks"
      check "The `prometheus-k8s` stateful set logs do not display errors related to certificates."
          showing `oc logs statefulset/prometheus-k8s -n openshift-monitoring`
      check "The scraped target pod(s) logs are free from certificate-related errors."
      check "The `cluster-monitoring-operator` pod is running and its logs contain no errors."
          showing `oc logs deployment/cluster-monitoring-operator -n openshift-monitoring`
      check "The `prometheus-operator` pod is operational and its logs have no errors."
          showing `oc logs deployment/prometheus-operator -n openshift-monitoring`
    }
    "Prometheus Scraping Interval" {
      check "The scraping interval for the target is appropriately configured."
      "Too frequent scraping can degrade the performance of target pod, even causing timeout when scraping."
      "The last scrape duration is visible on the Observe -> Targets tab in the OpenShift web Console."
      action "Otherwise, we can check the metric `scrape_duration_seconds`."
      if "Is the scrape duration close to the scrape interval?" {
        action "Consider to increase the interval."
      }
      "The scrape interval is configured in the `ServiceMonitor` or `PodMonitor`."
    }
    "Target metrics path" {
      check "The metrics path in the target is correctly defined in the `ServiceMonitor` and `PodMonitor` resources."
      if "Does the scraped target pod change its metrics path in recent code update?" {
        action "The metric endpoint should update accordingly."
      }
    }
    "Target restart or update" {
      "If the target was recently restarted or updated without replications, it might temporarily become unavailable."
      action "Check if this is the case and allow some time for it to stabilize."
    }
    "Node failures" {
      action "Check if the node where the target is running has experienced failures or evictions."
      action "See Verifying Node Health for more information."
    }
  }
}
