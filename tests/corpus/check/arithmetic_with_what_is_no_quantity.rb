runbook "T"
owner "api-oncall"
param service = "api"
metric p99 in s from prometheus "a"
let out = `ls | wc -l`
let list = [1, 2]

record "#{service + "x"}"
record "#{service * 3}"
record "#{out - 1}"
record "#{list + 1}"
record "#{-service}"
record "#{true + 1}"
record "#{now * 2} #{now + 5m} #{-p99}"
