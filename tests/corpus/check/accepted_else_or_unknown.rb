runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"
metric kind from prometheus "b"

check p99 < 5s else or unknown { escalate to owner because "slow, or not known" }
if p99 < 1s {
  "fast"
} else if p99 < 2s {
  "fine"
} else or unknown {
  escalate to owner because "slow, or not known"
}
match kind {
  1 { "one" }
  2, 3 { "more" }
  else or unknown { escalate to owner because "another kind" }
}
wait until p99 < 500ms within 10m
  else or unknown { escalate to owner because "still slow" }
repeat up to 3 times every 1m until p99 < 400ms {
  "again"
} else or unknown {
  escalate to owner because "still slow"
}
