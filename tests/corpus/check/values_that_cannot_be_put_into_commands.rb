runbook "T"
owner "api-oncall"
metric disk by mount in % from prometheus "b"
define clean(path) as `clean #{path}`
param services = ["a", "b"]
let r = {a: 1}

action `clean #{disk}`
action `clean #{r}`
action `clean #{services}`
action clean(disk)
action `clean #{max(disk)}`
record "#{disk} #{r}"
record "#{alert} #{alert.labels}"
action `clean #{alert.labels.host}`
