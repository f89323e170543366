runbook "x"
owner "api-oncall"
param service = "api"
metric p99 in s from prometheus "job:p99{service=\"$service\"}"

check p99 < 500ms else { stop }
"restart {service} or $service or <service> or %{service}"
"{ \"service\": 1 } and $other and {other} are as they are"
action `systemctl restart $service ${service}`
action `service=$(hostname); echo $service {service} <service`
record "p99 of ${service} is {p99}"
check "is {service} back?"
