runbook "Remote write load shedding"
about "How to step through issues with Prometheus remote write into a RHOBS instance. Needs VPN, Grafana, and MRs in app-interface."

step "Incident Mitigation" {
  "Starting with Thanos Receive, the following steps can be taken to mitigate an incident"
  check "Thanos Receive is running and healthy."
  check "The hashring is not being OOM killed." else {
    action "check if traffic into the hashring has increased."
    if "Is there an unexpected increase in traffic?" {
      action "rate limit accordingly on observatorium-api for the tenant."
    }
    if "Is there an expected increase in traffic?" {
      action "scale up the hashring with additional replicas."
    }
  }
  check "The hashring is not being CPU throttled: `rate(container_cpu_cfs_throttled_seconds_total{…}[5m])`" else {
    action "check if traffic into the hashring has increased."
    if "Is there an unexpected increase in traffic?" {
      action "rate limit accordingly on observatorium-api for the tenant."
    }
    if "Is there an expected increase in traffic?" {
      action "adjust the CPU limits accordingly in the StatefulSet spec."
    }
  }
  "Assuming Thanos Receive is healthy, the next step is to check API layer"
  check "observatorium-api and rate limiting is running and healthy."
  check "The proxy is not being OOM killed." else {
    action "check if traffic into the proxy has increased."
    if "Is there an unexpected increase in traffic?" {
      action "rate limit accordingly."
    }
    if "Is there an expected increase in traffic?" {
      action "scale up the hashring."
    }
  }
  check "The hashring is not being CPU throttled: `rate(container_cpu_cfs_throttled_seconds_total{…}[5m])`" else {
    action "check if traffic into the remote write has increased."
    if "Is there an unexpected increase in traffic?" {
      action "rate limit accordingly."
    }
    if "Is there an expected increase in traffic?" {
      action "adjust the CPU limits accordingly."
    }
  }
}

step "Rate Limiting" {
  "Rate limiting is configured per tenant per path in saas-tenants.yaml in the app-interface repository."
  "The following example shows an example rate limiting configuration for the rhobs tenant: …"
  "Limits and the window can be adjusted accordingly during an incident."
  "Additional control over the backoff can be configured like so: …"
  "These additional fields set the Retry-After header in the response to the client."
}

step "Router Layer" {
  if "Has the incident spread to the network edge and are the HAProxy routers being affected?" {
    "There are annotations that may help. They should be added after assessment of the issue and their values set accordingly."
    action "Visit the OpenShift router documentation"
    "A Route may serve more than one tenant. In such cases, an additional Route could be created for the problematic tenant only."
    "For example, given the following Route: …"
    "and an incident caused by the rhobs tenant, we can create a Route that sets the concurrent connections to 1000: …"
  }
}
