runbook "Running a major incident call"
about "Who this is for: everybody who may become Incident Commander (IC)."

step "Start the call" {
  action "Announce yourself"
  action "Ask for a scribe and a communications lead."
  if "Does nobody volunteer?" {
    action "Appoint somebody."
  }
  action "Ask the subject matter experts for a first picture of the impact."
  match "Which severity is it?" {
    "SEV-1: customers can't pay" {
      escalate to "executive on-call"
    }
    "SEV-2" {
      "Customers are affected, but there is a workaround."
    }
    "SEV-3: nobody outside of the company notices it" {
      action "End the call and work on it during business hours"
    }
  }
}

step "While it goes on" {
  action "Every 10 minutes, ask each expert for a status."
  action "Every 30 minutes, the communications lead should post an update to the status page."
  action "Do not discuss causes longer than needed. Take it to a thread"
  if "Is a change proposed?" {
    action "Ask whether there are any strong objections and give people five seconds."
  }
  if "Do you need to hand over?" {
    action "Brief the new IC on a private channel, announce the handover on the call, and stay for 10 minutes."
  }
}

step "When you are stuck" {
  "Don't wait too long. Nobody has ever been blamed for paging one person too many."
  if "No progress for 20 minutes?" {
    escalate to "owner of the dependency that you suspect"
  }
  if "No owner reachable?" {
    escalate to "Director of Engineering"
  }
  action "When in doubt, roll back the last deployment."
}

step "End the call" {
  check "The impact is over and has been for 15 minutes"
  action "Thank everybody and end the call"
  action "Post the final update to the status page"
  action "Create the post-mortem document and assign an owner"
  action "Invite everybody to the review within 5 business days"
}
