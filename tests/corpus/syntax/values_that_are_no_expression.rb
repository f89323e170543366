runbook "x #{}"
owner "api-oncall"
metric m from prometheus "up{job='#{job:-web}'}"
action `echo restarting #{unit:-web} now; echo second`
action "#{$name}" else { "again #{a + }" }
"load is #{load:.1f}"
"#{max disk} and #{a|upper} and #{{b}}"
check "Is #{a ? "b" : "c"} up?"
record """
  several #{lines | join}
  \#{literal} # comment ##
"""
escalate to "a" because "#{'x'}"
action `awk '{ print "\#{x}" }' <<EOF
#{a b c}
EOF`
