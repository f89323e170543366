runbook "Every form of a probe"
owner "api-oncall"
param host = "db-1"
param url = "http://127.0.0.1:8080"
probe ready(host) as `pg_isready --host #{host}` within 5s no on 1, 2
probe healthy(url) as `curl -fsS #{url}/health` no on 7, 22
probe leader as `cat /run/leader` on "db-1"
probe primary() as `test -e /run/primary` on host no on 1

check ready(host)
check not healthy(url: url) or leader else { stop }
if primary() and leader.text == "db-1" { "the first is the leader" } unknown { "#{leader.stderr}" }
wait until ready("db-2") for 1m within 10m else { escalate to owner because "#{ready("db-2").text}" }
for each name in leader.lines { check ready(name) }
check `curl -fsS #{url}` no on 7, 22 on "db-1" within 3s
let how = [`curl -sS #{url}` no on 7, 28, leader]
check length(how) == 2
let pods = `set -o pipefail; kubectl get pods | sort`
let names = `echo a b | tr ' ' '\n'`.lines
let code = `kubectl get pods | grep x`.status
check "api" in pods.text and length(names) == 2 and code == 0
check `systemctl is-active nginx
  --quiet`
  no on 3
check `! test -e /run/state` and `set -o pipefail; curl -fsS #{url} | grep -q ok` and `curl -fsS #{url} || exit 1`
check `ps aux | grep -q api` and not `set -o pipefail; kubectl get pods | grep -q CrashLoop`

test "each of them" {
  given probe ready("db-1") = yes
  given probe ready(host: "db-2") exits 2
  given probe ready = no
  given probe healthy(url: "http://127.0.0.1:8080") exits 22 prints "not found"
  given probe leader prints "db-1"
  given probe primary() = unknown
  given probe `curl -fsS http://127.0.0.1:8080` exits 7
  expect escalated
}
