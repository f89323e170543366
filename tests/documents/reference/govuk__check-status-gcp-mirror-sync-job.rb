runbook "Check status of latest GCP mirror sync job"
about """
  The latest mirror sync job from AWS S3 to GCP failed. It runs everyday at 18:00 UTC, so that the static mirror is up to date.
  It is straightforward to retry the failed job. You need production access, and to be in the appropriate Google group.
"""
owner "#govuk-platform-engineering-team"
link "Data Transfer" "https://console.cloud.google.com/transfer/cloud/jobs"

step "Manually retrying the mirror sync job" {
  match "Which way?" {
    "Via the GCP Console" {
      action "Go to the Data Transfer section in the GCP Console, ensuring you're viewing the GOV.UK Production project."
      action "Click on the transfer job named daily sync of the primary govuk-production-mirror S3 bucket."
      action "Click on the Start a run button at the top of the page to queue a new transfer operation."
      "A new transfer operation will appear below in the Run history table, which you can tail by clicking its start time."
    }
    "Via the GCP Data Transfer API" {
      action "SSH into the Monitoring box: `gds govuk connect -e production ssh aws/monitoring`."
      action """
        Run the following to initiate a new transfer operation:

        export GOOGLE_APPLICATION_CREDENTIALS=/etc/govuk/gcloud_auth.json
        …
      """
      check "`transfer_operation` should contain a JSON response confirming that a new transfer operation has been queued"
      action """
        Finally, you can check the status of the new transfer operation by calling:

        latest_operation_name=$(echo $transfer_operation | jq -r .name)
        …
      """
    }
  }
}

step "Further actions" {
  if "Do you continue to experience errors with the job after manually forcing a retry?" {
    "It's possible that the GOV.UK crawler worker hasn't finished crawling or that pages haven't been fully uploaded to S3."
    action "It is advisable to wait until the mirror sync job is next scheduled to run before taking further action."
  }
}
