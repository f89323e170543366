runbook "T"
owner "api-oncall"
param service = "api"
metric p99 in s from prometheus "a"
let out = `ls`

for each x in service { record "#{x}" }
for each x in p99 { record "#{x}" }
for each x in out { record "#{x}" }
for each x in out.lines { record "#{x}" }
let y = ask "Which?" among service
record y
record "#{out[0]} #{out.lines[0]} #{out.lines["a"]}"
