runbook "T"
owner "o"
let o = `kubectl get pods`

check "a" in o.lines else { stop } unknown { "not known" }
check not ("a" in o.lines) unknown { "still not known" }
check not ("a" in o.lines)
