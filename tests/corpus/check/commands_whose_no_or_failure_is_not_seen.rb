runbook "Tools"
owner "api-oncall"
param url = "http://127.0.0.1:8080"
probe healthy(url) as `curl -sS #{url}`
check `curl -fsS #{url}` else { "down" }
if `pg_isready` on "db-1" { "up" } else { "down" }
wait until `systemctl is-active nginx` within 2m
check not `aws s3api head-object --bucket a --key b` and `nc -z db 5432`
check healthy(url)
let pods = `kubectl get pods | grep Crash`
check length(`sudo journalctl -u api | tail -n 5`.lines) == 0 and pods.text == ""
check "Go on?" showing `kubectl get pods | wc -l`
check `! grep -q ERROR /srv/app.log`
check `test -e /srv/app && ! our-check --quick`
check `bash -c 'diff <(kubectl get pods) <(kubectl --context b get pods)'`
check `state=$(cat /srv/state) || true; test -z "$state"`
let difference = `diff <(curl -sS #{url}) /srv/known`
check `! test -e /srv/app` and `! pgrep -x nginx` and difference.text == ""
