runbook "T"
about "what it means"
timezone "Europe/Berlin"
owner "api-oncall"
severity "sev2"
about "what it means, too"
timezone "UTC"
severity "sev3"
check now.hour > 5 else { stop "no" }
