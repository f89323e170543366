runbook "x"
owner "api-oncall"
check "Is the cluster new?"
action `etcd --initial-cluster-token=etcd-cluster-1 --token=prod-eu-2`
check "Is it up?"
