runbook "Inner"
owner "api-oncall"
param host = "db-1"
metric lag(node) in s from prometheus "lag{node='#{node}'}"
define failover(node) as `failover #{node}`
step "Lag" {
  check lag(host) < 3s else {
    action failover(host)
    "Failing over takes a minute"
    check "Is #{host} back?"
    record "failed over #{host} to #{lag(host)}"
    escalate to "#{host}"
  }
}
