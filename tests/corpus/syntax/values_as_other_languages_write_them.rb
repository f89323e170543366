runbook "x"
owner "api-oncall"
param service = "api"
"#{service}: ${service} is down"
"{{ service }} is down"
record "{{ $labels.instance }}, ${, ${1} and {} are plain text"
action `echo ${HOME} #{service}`
