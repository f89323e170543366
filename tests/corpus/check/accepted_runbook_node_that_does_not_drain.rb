runbook "A node cannot be drained"

trigger alert "MCCDrainError"
owner   "api-oncall"

param node = "worker-1"

define budget_off(name) as `oc patch pdb #{name} --type merge -p '{"spec":{"maxUnavailable":"100%"}}'`
define budget_on(name)  as `oc patch pdb #{name} --type merge -p '{"spec":{"maxUnavailable":1}}'`

metric stuck from prometheus "mcc_drain_err{node='#{node}'}"

step "Does it still fail?" {
  if stuck == 0 { resolve "#{node} was drained meanwhile" }
  let log = `oc -n openshift-machine-config-operator logs deployment/machine-config-controller --tail 50`
  match log.text {
    contains "disruption budget" { "A budget is in the way" }
    contains "evicting"          { resolve "it is still busy" }
    else {
      escalate to owner because "#{node} is not drained, and no budget is in the way"
      stop
    }
    unknown {
      escalate to owner because "the log of the controller cannot be read"
      stop
    }
  }
}

step "Let it pass" {
  let budget = ask "Which budget is it?" within 20m
  check "May #{budget} be switched off for a moment?" by "api-oncall" else { stop "not now" }
  action budget_off(budget) within 1m finally budget_on(budget)
  wait until stuck == 0 within 15m every 30s else {
    escalate to owner because "#{node} is not drained without #{budget}"
  } unknown {
    escalate to owner because "nobody knows whether #{node} is drained"
  }
}
