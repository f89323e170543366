# Looks at an endpoint that does not answer from the outside in: the port, the certificate, the unit behind it. `refused` is
# an answer of the machine; a machine that says nothing is unknown, and nothing is restarted blindly.
runbook "The endpoint does not answer"

owner    "infra-oncall"
severity "sev2"

param endpoint = "127.0.0.1:443"
param unit = "nginx.service"
param soon: duration = 14d

metric port: text from ports "#{endpoint}"
metric verdict: text from certificates "#{endpoint}"
metric left in d from certificates "#{endpoint}"
metric state: text from units "#{unit}"

define restart(unit) as `systemctl restart -- #{unit}`

step "Does something listen?" {
  if port == "refused" {
    check state != "active" else {
      escalate to owner because "#{unit} is active, and #{endpoint} refuses every connection"
      stop
    }
    action restart(unit) within 2m else {
      escalate to owner because "#{unit} could not be restarted"
      stop
    }
    wait until port == "open" within 2m else {
      escalate to owner because "#{unit} was restarted, and nothing listens at #{endpoint}"
      stop
    }
  }
}

step "Is its certificate accepted?" {
  check verdict == "valid" else {
    escalate to owner because "the certificate of #{endpoint} is #{verdict}"
    stop
  }
  check left > soon else { record "the certificate of #{endpoint} ends in #{left}" to "incidents" }
}
