runbook "x"
trigger alert "A", "B", "A", "", "Disk.*" where alertname != "B" by cluster, cluster
owner "api-oncall"
"text"
