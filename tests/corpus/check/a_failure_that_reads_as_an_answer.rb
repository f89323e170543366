runbook "T"
owner "o"
param url = "http://127.0.0.1:8080"
probe crashed as `! kubectl get pods | grep -q CrashLoop`

check `! kubectl get pods | grep -q CrashLoop`
check `set -o pipefail; ! kubectl get pods | grep -q CrashLoop`
check crashed
check `curl -fsS #{url} | grep -q ok`
check `! curl -fsS #{url}`
check `kubectl get pod api-1`
check `kubectl rollout status deploy/api --timeout=1s`
check `docker inspect api`
check `git ls-remote --exit-code origin main`
check `ssh web1 systemctl is-active nginx`
check `bash -c 'curl -fsS http://127.0.0.1'`
check `curl -fsS #{url} && test -e /run/ready`
check not `set -o pipefail; kubectl get pods | grep -q CrashLoop`
check `test "$(curl -fsS #{url})" = ok`
check `[ -z "$(kubectl get pods -o name)" ]`
check `state=$(curl -fsS #{url}); test "$state" = ok`
check `state=$(curl -fsS #{url}) && test "$state" = ok`
check `test "$(id -u)" = 0`
let shown = `printf 'now: %s' "$(curl -fsS #{url})"`
"#{shown.text}"
