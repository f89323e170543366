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
