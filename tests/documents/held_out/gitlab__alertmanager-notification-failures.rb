runbook "Alertmanager Notification Failures"
about "Alertmanager is getting errors trying to send alerts. Alerts will be lost."

step "Possible checks" {
  action "Check the AlertManager logs to find out why it could not send alerts."
  action "In the gitlab-ops project of Google Cloud, open the Workloads section under the Kubernetes Engine section"
  action "Select the Alertmanager workload. Here you can see details and select Container logs to review the logs."
  "The AlertManager pod is very quiet except for errors so it should be quickly obvious if it could not contact a service."
  action "Note the \"integration\" label on the alert."
  if "Is it only one integration?" {
    "It's probably a problem with the setup of that integration."
  }
  action "For example if it's slack you can get the API key by looking for \"infra-automation app Slack API Token\" in 1password."
  action "And you can test it with curl: …"
  if "Does it receive a 404 result?" {
    "The channel does not exist. See slack docs for other possible error codes."
  }
  "For more information see https://api.slack.com/incoming-webhooks"
}

step "Troubleshooting which integration is failing" {
  action "In Prometheus, run this query: rate(alertmanager_notifications_failed_total[10m]). This gives a breakdown"
  action "For the slackline, you can view the cloud function, its logs, and code"
  "Keep in mind that, if nothing has changed, the problem is likely to be on the remote side"
}

step "Manually review the currently open alerts" {
  action "Open the alert-manager UI"
  action "Review each alert to check if its notification has failed and whether further action is required."
}
