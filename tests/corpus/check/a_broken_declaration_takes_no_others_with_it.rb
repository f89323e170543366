runbook "T"
owner "api-oncall"
metrc p50 in s from prometheus "a"
param service = "api"
let limit = 500ms
metric p99 in s from prometheus "x{a='#{service}', b='#{limit}'}"

check p99 < limit and p50 < limit
