runbook "T"
owner "api-oncall"
metric p99 in s from prometheus "a"
param replicas = 3
define deploy(name) as deployer "PUT /deploy"

check p99 > 500ms else { resolve }
action "Restart it" retry 2
action deploy("api") retry 2
action `systemctl restart api` retry 3 every 10s
action `kubectl rollout undo deployment/api`
action `kubectl rollout undo deployment/api --to-revision=3` retry 2
action `kubectl scale deployment/api --replicas=#{replicas}` retry 2
action `curl -fsS -X POST -H "Idempotency-Key: #{alert.name}" https://deploy.example.com/restart` retry 2
action `curl -fsS https://deploy.example.com/health` retry 2
action `echo "a >> b" > /tmp/a` retry 2
action `psql -c "INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING"` retry 2
action `unheard-of-tool create thing` retry 2
check p99 < 500ms
