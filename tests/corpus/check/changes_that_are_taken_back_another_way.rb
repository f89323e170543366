runbook "T"
owner "o"
metric load from prometheus "load"

check load < 5 else { resolve } unknown { stop }
action `kubectl scale deploy/api --replicas=0`
check load < 4
action `kubectl scale deploy/api --replicas=3`
action `ceph osd set noout`
check load < 3
action `ceph osd unset noout`
action `iptables -A INPUT -j DROP`
check load < 2
action `iptables -D INPUT -j DROP`
check load < 1 unknown { stop }
