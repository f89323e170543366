runbook "Delete terraform state lock"
about """
  In the build pipeline you will sometimes see "Error acquiring the state lock". Repeated failures on the same namespace probably
  mean that a previous run failed to release the lock. To fix this, you need to delete the lock record.
"""

match "Which method?" {
  "Command-line method" {
    action """
      Save this code as a script.

      `delete-state-lock.sh`

      for key in "${PREFIX}/…"; do aws dynamodb delete-item … --key $json; done
    """
    action "Invoke it like this: `./delete-state-lock.sh hmpps-book-video-link-prod`"
  }
  "AWS Console method" {
    action "Go to the dynamodb page of the AWS web console (NB: the relevant table is in the `eu-west-1` region)"
    action "Click on the cloud-platform-environments-terraform-lock table"
    action "Click `Explore table items`"
    action "Expand the `Filters` section and set `Attribute name` = `LockID`, `Condition` = `Contains`, `Type` = `String`, `Value` = `<Namespace Name>`"
    action "Hit Run"
    action "When you find the relevant lock records, delete them. Terraform will recreate any missing records."
  }
  "Terraform command" {
    action "To force unlock, run this terraform command using the `LockID`: `terraform force-unlock <LockID>`"
  }
}
