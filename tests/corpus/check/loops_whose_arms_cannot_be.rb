runbook "T"
owner "api-oncall"
repeat up to 3 times { "again" } none { "nothing" }
for each x in `ls`.lines up to 3 { "#{x}" } none { "a" } none { "b" }
for each x in `ls`.lines up to 3 { "#{x}" } else { "nothing" }
