runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"

if p99 > 1s {
  # One by one.
  "slow"
  record "p99 is #{p99}"
} else {
  "slow"
  record   "p99 is #{p99}"
}
if p99 > 1s { "a" } else if p99 > 500ms { "a" } else { "a" }
match p99 { < 1s { "a" } else { "a" } }
match "Which one?" { "x" { "a" } "y" { "a" } }
