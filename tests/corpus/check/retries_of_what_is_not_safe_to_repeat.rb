runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"
define undo_rollout(name) as `kubectl -n shop rollout undo deployment/#{name}`

check p99 > 500ms else { resolve }
action undo_rollout("api") retry 2
action `echo "10.0.0.1 api" >> /etc/hosts` retry 1
action `curl -fsS -X POST https://deploy.example.com/restart` within 30s retry 3 every 10s
action `psql -c "INSERT INTO jobs (name) VALUES ('x')"` retry 1
check p99 < 500ms
