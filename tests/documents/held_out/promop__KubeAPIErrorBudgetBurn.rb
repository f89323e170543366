runbook "KubeAPIErrorBudgetBurn"
about """
  The overall availability of your Kubernetes cluster isn't guaranteed any more: too many errors, or responses that take too
  long. This is always important; the only deciding factor is how urgent it is at the current rate.
"""
trigger alert "KubeAPIErrorBudgetBurn"
link    "SRE Workbook Chapter 5" "https://sre.google/workbook/alerting-on-slos/#recommended_time_windows_and_burn_rates_f"

step "Critical" {
  action "First check the labels `long` and `short`."
  match "Which of these is it?" {
    "`long: 1h` and `short: 5m`: less than ~2 days" {
      action "You should fix the problem as soon as possible!"
    }
    "`long: 6h` and `short: 30m`: less than ~5 days" {
      action "Track this down now but no immediate fix required."
    }
  }
}

step "Warning" {
  action "First check the labels `long` and `short`."
  match "Which of these is it?" {
    "`long: 1d` and `short: 2h`: less than ~10 days" {
      "This is problematic in the long run."
      action "You should take a look in the next 24-48 hours."
    }
    "`long: 3d` and `short: 6h`: less than ~30 days" {
      "At the end of the next 30 days there won't be any error budget left at this rate."
      action "Have someone take a look in the coming days at working hours."
    }
  }
  "Example: If you have a 99% availability target, at the end of 30 days you're going to be below 99% at this rate."
}

step "Runbook" {
  action "Take a look at the APIServer Grafana dashboard."
  action "At the very top check your current availability and how much percent of error budget is left."
  check "Do you see an elevated error rate in reads or writes?"
  check "Do you see too many slow requests in reads or writes?"
  action "Check the logs for kube-apiserver using the following Loki query: `{component=\"kube-apiserver\"}`"
  action "Run debugging queries in Prometheus or Grafana Explore to dig deeper."
  if "Do you not see anything obvious with the error rates?" {
    "It might be too many slow requests."
    action "Check the queries below!"
  }
  check "Is it some dependency of the APIServer? etcd?"
}

step "Example Queries for slow requests" {
  action "Change the rate window according to your `long` label from the alert."
  action "Make sure to update the alert threshold too, like `> 0.01` to `> 14.4 * 0.01` for example."
}

step "Slow Read Requests" {
  if "Do you get any results back?" {
    "You know what type of requests are too slow."
  } else {
    "There aren't too many slow requests - that's good."
  }
  action "Cluster scoped: `…`"
  action "Namespace scoped: `…`"
  action "Resource scoped: `…`"
}

step "Slow Write Requests" {
  action "Look at this query: `…`"
}
