runbook "x"
owner "api-oncall"
param node = "db-1"
metric lag in s from prometheus lag{node='#{node}'}"
define restart as systemctl restart #{node}`

check lag < 5s
action restart()
