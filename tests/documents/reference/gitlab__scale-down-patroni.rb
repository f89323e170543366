runbook "Patroni: Scale Down"
about """
  How to safely remove a read replica from the Patroni cluster. You know Patroni, Chef and Terraform: without HA a fault of the
  primary shuts GitLab down. The cluster may promote any replica, chef-client undoes what is changed by hand, and Terraform
  removes the node with the highest number first.
"""
link "Host Stats" "https://dashboards.gitlab.net/d/bd2Kl9Imk"

step "Preparation" {
  action "You should do this activity in a CR, and practise all of it in staging first"
  check "The replica you are trying to remove is NOT the primary (run `gitlab-patronictl list` on a patroni node)"
  action "Pull up the Host Stats dashboard and switch to the target replica host. This will help you monitor the host."
}

step "Step 1 - Stop chef-client" {
  action "On the replica node run: `sudo chef-client-disable \"Removing patroni node: Ref issue prod#xyz\"`"
}

step "Step 2 - Take the replicate node out of load balancing" {
  "Clients that use service discovery stop using a replica that is tagged as not suitable for failing over and load balancing."
  action """
    Add a tags section to /var/opt/gitlab/patroni/patroni.yml on the node:

    tags:
      nofailover: true
      noloadbalance: true
  """
  action "sudo systemctl reload patroni"
  check "Is the node name absent from the list of replicas?" showing `dig @127.0.0.1 -p 8600 db-replica.service.consul. SRV`
  # TODO: how long may it take?
  wait until "All client connections are drained from the replica: `for c in /usr/local/bin/pgb-console*; …`" within 30m
  "It can take a few minutes until all connections are gone."
  if "Are there still a few connections on pgbouncers after 5m?" {
    action "Check if there are any active connections in the DB (should be 0 most of the time): `gitlab-psql -qtc …`"
  }
  "You can see an example of taking a node out of service in this issue."
}

step "Step 3 - Stop patroni service on the node" {
  action "Stop the patroni service on this node. This will also stop postgres and terminate all remaining db connections."
  # TODO: how long may it take?
  wait until "The node has vanished from the cluster (`gitlab-patronictl list` on any of the other nodes)" within 30m
  "We have alerts that fire when patroni is deemed to be down."
  action "Either silence the alarm in advance and/or give a heads up to the EOC."
}

step "Step 4 - Terraform change to decrease the count" {
  action "Decrease the count for `patroni` under the `node_count` variable"
  check "The output of `tf plan -target=module.patroni` looks what you expect"
  action "MR it, merge it and `tf apply -target=module.patroni` it"
  # TODO: how long may it take?
  wait until "The node is removed and torn down. (Validate it in GCP)" within 30m
  "Take a look at a sample code change."
}
