runbook "Security incident response"
about "Checklist of actions for responding to a security incident at PagerDuty. An Incident Commander delegates the tasks; not sure it's a security incident? Trigger the process anyway."

step "Attack Mitigation" {
  action "Stop the attack as quickly as you can, via any means necessary."
  action "Shut down servers, network isolate them, turn off a data center if you have to. Some common things to try"
  action "Shutdown the instance from the provider console (do not delete or terminate if you can help it)."
  if "Do you happen to be logged into the box?" {
    action "Reinstate our default iptables rules to restrict traffic."
    action "`kill -9` any active session you think is an attacker."
    action "Change root password and update /etc/shadow to lock out all other users."
    action "`sudo shutdown now`"
  }
}

step "Cut Off Attack Vector" {
  action "Identify the likely attack vectors and path/fix them so they cannot be re-exploited."
  if "Do you suspect a third-party provider is compromised?" {
    action "Delete all accounts except your own and immediately rotate your password and MFA tokens."
  }
  if "Do you suspect a service application was an attack vector?" {
    action "Disable any relevant code paths, or shut down the service entirely."
  }
}

step "Assemble Response Team" {
  action "Identify the key responders for the security incident and keep them all in the loop."
  action "Set up a secure method of communicating all information associated with the incident."
  "Details on the incident should be kept private to the responders."
  escalate to "Incident Commander" because "Page an Incident Commander if not already done so."
  "They will also appoint the usual incident command roles. They keep documentation and notify internal stakeholders."
  action "Give the project an innocuous codename that can be used for chats/documents."
  action "Start the voice call if not already in progress."
  action "Setup chat room using the codename of the incident."
  action "Invite all responders to the voice call and chat room."
  "The security team should always be included."
  "A representative for any affected services should be included."
  "Executive stakeholders and legal counsel should be invited at earliest possible opportunity."
  action "Do not communicate with anyone not on the response team about the incident until forensics have been performed."
  action "Prefix all emails, and chat topics with \"Attorney Work Project\"."
}

step "Isolate Affected Instances" {
  "Any instances which were affected by the attack should be immediately isolated. An image of the system should be taken."
  action "Blacklist the IP addresses for any affected instances from all other hosts."
  action "Turn off and shutdown the instances immediately if you didn't do that to stop the attack."
  action "Take a disk image for any disks attached to the instances, and ship them to an off-site cold storage location."
  "You should make sure these images are read-only and cannot be tampered with."
}

step "Identify Timeline of Attack" {
  action "Work with all tools at your disposal to identify the timeline of the attack."
  "Any reconnaissance the attacker performed on the system before the attack started."
  "When the attacker gained access to the system."
  "What actions the attacker performed on the system, and when."
  action "Identify how long the attacker had access to the system before they were detected."
  action "Identify any queries the attacker ran on databases."
  action "Try to identify if the attacker still has access to the system via another back door."
  action "Monitor logs for unusual activity, etc."
}

step "Compromised Data" {
  action "Using forensic analysis of log files, attempt to identify what information was compromised (if any)"
  action "Identify any data that was compromised during the attack."
  check "Was any data exfiltrated from a database?"
  action "What keys were on the system that are now considered compromised?"
  check "Was the attacker able to identify other components of the system (map out the network, etc)?"
  action "Find exactly what customer data has been compromised, if any."
}

step "Assess Risk" {
  action "Based on the data that was compromised, assess the risk to other systems."
  check "Does the attacker have enough information to find another way in?"
  if "Were any passwords or keys stored on the host?" {
    "They should be considered compromised regardless of how they were stored."
  }
  action "Any user accounts that were used in the initial attack should rotate all of their keys and passwords."
}

step "Apply Additional Mitigations" {
  action "Start applying mitigations to other parts of your system."
  action "Rotate any compromised data."
  action "Identify any new alerting which is needed to notify of a similar breach."
  action "Block any IP addresses associated with the attack."
  action "Identify any keys/credentials that are compromised and revoke their access immediately."
}

step "Forensic Analysis" {
  # TODO: how long may it take?
  wait until "You are confident the systems are secured, and enough monitoring is in place" within 4h
  action "Take any read-only images you created, any access logs you have, and comb through them."
  action "Identify exactly what happened, how it happened, and how to prevent it in future."
  action "Keep track of all IP addresses involved in the attack."
  action "Monitor logs for any attempt to regain access to the system by the attacker."
}

step "Internal Communication" {
  "Delegate to: VP or Director of Engineering"
  action "Communicate internally only once you are confident that the attack was not sourced internally."
  action "Don't go into too much detail."
  action "Overview the timeline."
  action "Discuss mitigation steps taken."
  action "Follow up with more information once it is known."
}

step "Liaise With Law Enforcement / External Actors" {
  "Delegate to: VP or Director of Engineering"
  action "Work with law enforcement to identify the source of the attack, letting any system owners know."
  action "Contact local law enforcement."
  action "Contact the FBI."
  action "Contact operators for any systems used in the attack."
  action "Contact security companies to help in assessing risk and any PR next steps."
  action "Contact your cyber insurance provider."
}

step "External Communication" {
  "Delegate to: Marketing Team"
  wait until "You have validated that all of the information you have is accurate" within 3d
  action "Only then should you prepare and release a public statement to customers."
  action "Include the date in the title of any announcement."
  action "Don't say \"We take security very seriously.\""
  action "Be honest, accept responsibility, and present the facts."
  action "Be as detailed as possible with the timeline."
  action "Be as detailed as possible in what information was compromised and how it affects customers."
  action "Don't name and shame any external parties that might have caused the compromise."
  action "Release the external communication as soon as possible, preferably within a few days of the compromise."
  if "Is it possible?" {
    action "Get in touch with customers' internal security teams before the general public notice is sent."
  }
}

step "Communicating During an Incident" {
  action "Prefer voice call and Slack over any other methods."
  action "Avoid email"
  if "Do you absolutely need to for some reason?" {
    "Subject of emails should be \"Attorney Work Project\" and nothing else."
    if "Does the email chain have any contacts not with the @pagerduty.com domain?" {
      action "Make sure your emails are encrypted."
    }
  }
  action "Do not use SMS to communicate about the incident."
  "The only exception is to tell someone to move to a more secure channel."
  action "Do not disseminate anything about the incident to those outside the response team."
}
