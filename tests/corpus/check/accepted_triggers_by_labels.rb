runbook "One run for each cluster"
trigger alert "ReplicationLag", "ReplicationBroken" where "service.name" = "orders", severity =~ "page|warning" by cluster, "k8s.pod"
owner "database-oncall"
limit 3 runs in 1h by cluster
param cluster = "a"
param kind: text among ["rbd", "cephfs"] = "rbd"

check `test -e /srv/#{cluster}/#{kind}` else { stop "no #{cluster}" } unknown { stop "nobody knows of #{cluster}" }
