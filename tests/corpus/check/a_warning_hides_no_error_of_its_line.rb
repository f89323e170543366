runbook "x"
owner "api-oncall"
metric p99 in ms from prometheus "p99_seconds{job='#{job}'}"
"{{ service }} is down: #{pninetynine}"
check p99 == 500ms and p99 < 5
