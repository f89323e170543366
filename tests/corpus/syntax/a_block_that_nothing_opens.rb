runbook "x"
owner "api-oncall"
param node = "db-1"

step "one" {
  check `test -e up`
    escalate to owner because "it is down"
    stop
  }
  check "Is it well?"
}

step "two" {
  for each replica in ["a", "b"] up to 2
    action `systemctl restart #{replica}` within 1m
  }
  "done with #{node}"
}

# A test whose first line was lost.
  param node = "db-2"
  expect resolved
}
