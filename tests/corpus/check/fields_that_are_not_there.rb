runbook "T"
owner "api-oncall"
param service = "api"
metric disk by instance, mount in % from prometheus "a"
metric p99 in s from prometheus "b"

let out = `df -h`
record "#{out.txt} #{out.text}"
record "#{out.output}"
record "#{service.length}"
record "#{alert.lables.severity} #{alert.labels.severity} #{alert.starts_at}"
let r = {name: "a", size: 5GB}
record "#{r.nam} #{r.size}"
for each d in disk where d > 90% {
  "#{d} on #{d.instance}, #{d.mont}"
  "#{d.host}"
}
record "#{disk.instance}"
record "#{p99.instance}"
