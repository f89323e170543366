runbook "Disable Chef runs on a VM"
about "Occasionally there will be a legitimate reason to stop Chef on a Chef managed GitLab VM."

step "Disable Chef runs" {
  action "Describe why chef is being disabled, with a link to an issue: `chef-client-disable 'Manual edits to foo.conf, see issue …'`"
}

step "Enable Chef runs" {
  action "Run: `chef-client-enable`"
}
