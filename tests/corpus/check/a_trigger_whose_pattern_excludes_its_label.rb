runbook "x"
trigger alert =~ "Disk.*" where alertname = "CpuHigh"
owner "api-oncall"
"text"
