runbook "T"
trigger alert "A" where severity =~ "(page", team = "(x"
owner "api-oncall"
param service = "api"

match service { matches "[a" { "x" } contains "[a" { "y" } else { "z" } }
