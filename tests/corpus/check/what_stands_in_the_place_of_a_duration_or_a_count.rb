runbook "T"
owner "api-oncall"
param service = "api"
param few = 3
metric p99 in s from prometheus "a"
metric size in GiB from prometheus "b"

wait service
wait "5m"
wait size
wait -5m
wait 0s
wait p99
wait few * 1m
action "Do it" retry 2.5
action "Do it" retry service
action "Do it" retry 5m
action "Do it" retry few
repeat up to 0 times { "x" }
for each x in ["a"] up to 5% { "#{x}" }
