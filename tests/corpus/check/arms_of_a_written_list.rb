runbook "T"
owner "api-oncall"
for each x in ["a", "b"] { "#{x}" } none { "nothing" }
for each x in ["a", "b"] { "#{x}" } unknown { "who knows" }
for each x in ["a", "b"] where x == "a" { "#{x}" } none { "nothing" }
for each x in ["a", "b"] where `test -e /#{x}` { "#{x}" } none { "nothing" } unknown { "who knows" }
