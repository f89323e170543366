# A declared probe: `openssl` looks, exit 0 is yes, 1 without an error message is no, and anything else (no such file, no
# openssl) is unknown.
runbook "Certificate about to expire"

trigger  schedule "0 7 * * *" in "Europe/Berlin"
owner    "security"
severity "sev3"

param certificate = "/etc/ssl/certs/ca-certificates.crt"
param soon: duration = 21d
param service = "nginx"

let seconds = soon / 1s

probe good_for(seconds) as `openssl x509 -in #{certificate} -noout -checkend #{seconds} >/dev/null`

step "Does it expire soon?" {
  check `test -r #{certificate}` else {
    escalate to owner because "#{certificate} cannot be read"
    stop
  }
  if good_for(seconds) {
    resolve "#{certificate} is good for at least #{soon}"
  } unknown {
    escalate to owner because "openssl could not tell when #{certificate} expires"
    stop
  }
}

step "Renew it" {
  let ends = `openssl x509 -in #{certificate} -noout -enddate`
  record "#{certificate}: #{ends.text}" to "incidents"
  action "Renew #{certificate}, and put the new one in its place" within 4h showing ends
  check good_for(seconds) else {
    escalate to owner because "#{certificate} still expires within #{soon}"
    stop
  }
  action `systemctl reload #{service}` within 1m else {
    escalate to owner because "#{service} could not be reloaded with the new certificate"
  }
  check "Does #{service} serve the new certificate?" within 15m else {
    escalate to owner because "#{service} still serves the old certificate"
  }
}
