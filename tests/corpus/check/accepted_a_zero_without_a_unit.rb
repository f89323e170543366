runbook "x"
owner "api-oncall"
metric lag in s from prometheus "replication_lag_seconds"
metric used in % from prometheus "used_percent"

check lag >= 0 and used > 0 else { stop "it is negative" }
match lag {
  0 { "none" }
  > 0 { "some" }
}
