runbook "Blocked user login attempts are high"
about "We are seeing a higher than usual rate of login attempts failing because the user is blocked."

step "What to do" {
  action "Check the user authentication events dashboard"
  """
    The metric being higher than expected implies some sort of issue with our authentication system: an abuse blocking operation
    has caught too many users, a bug in a release, some weirdness with an oAuth partner
  """
  action "Check with #abuse, #security (@abuse-team) for possible abuse related issues."
  "An active release should show up in the dashboard as an annotation."
  if "Does it look possibly related to a release?" {
    action "Check with the people in #releases about details, rollback, and other options."
  }
  action "Check whether you can log in to yourself"
  action "See if the problem is specific to password, password + 2FA, or oAuth type logins."
  action "Confirm whether this affects just production, or potentially staging + ops as well"
  action "Use the 'type' variable on the dashboard to see if this is specific to a type of backend"
  "The Triage dashboard is an excellent place to look."
  "There is unlikely to be any direct and immediate technical resolution that the on-call SRE can take here."
  "This is still a somewhat experimental alert"
}
