runbook "T"
owner "api-oncall"
metric disk by mount in % from prometheus "b"

for each d in disk where d > 90% {
  if d > 95% { action `clean #{d.mount}` }
}
for each d in disk { escalate to "api-oncall" because "#{d.mount}" }
for each d in disk { run "files/other.rb" with (service: d.mount) }
for each d in disk { record "#{d.mount} is at #{d}" }
for each d in disk up to 3 { action `clean #{d.mount}` }
