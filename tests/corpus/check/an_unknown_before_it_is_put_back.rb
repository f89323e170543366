runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"
define pause_jobs as `jobctl pause --all`
define resume_jobs as `jobctl resume --all`

check p99 > 500ms else { resolve }
action pause_jobs()
if p99 > 1s {
  "slow"
}
match p99 { < 2s { "a" } else { "b" } }
action `systemctl restart api`
action resume_jobs()
check p99 < 500ms
