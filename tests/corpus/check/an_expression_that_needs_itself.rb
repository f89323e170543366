runbook "T"
owner "api-oncall"
let a(x) = b(x) + 1
let b(x) = a(x) + 1
let c(x) = c(x)
metric ups(node) from prometheus "ups{node='#{ups(node)}'}"

check a(1) < b(2)
check c(1) < ups("x")
