runbook "Terraform state lock - Error refreshing state"
about "Error refreshing state: state data in S3 does not have the expected content. …"

"Following the instructions of the error message will enable you to proceed."
action "You can also simply delete the dynamodb record for this terraform state file, which will have the same effect."
if "Does the record you want not appear in the alphabetical list of records?" {
  action "Use the `query` function to search for the records LockID value, and you will find it."
}
"The value for an environment terraform state file will be: …"
action "Change `Scan` to `Query` in the upper-left dropdown"
action "Paste the LockID string value in the text box"
action "Click `Start search`"
