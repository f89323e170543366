runbook "Probes"
owner "api-oncall"
param url = "http://127.0.0.1:8080"
metric disk by mount in % from host "disk.used"
define rollback(service) as `kubectl rollout undo deployment/#{service}`
probe healthy(url) as `curl -fsS #{url}` no on 7, 22
probe gone as `systemctl restart nginx`
probe twice as `test -e /x` no on 0, 300, 300
probe again(url) as `curl -sS #{url}` no on 7 no on 22
probe itself as `echo #{itself.text}`
probe length(x) as `wc -c #{x}`

check rollback("api")
check rollback
action healthy("a")
action gone
check healthy
check healthy("a", "b")
check healthy(uri: "a")
check healthy(disk)
check p(url)
check healthy("a") on "db-1"
check healthy("a") within 5s
check healthy("a") no on 7
check healthy("a") for 5m
check healthy("a") > 3
check `rm -f /tmp/lock`
let x = `kubectl delete pod api-1`.text
if any `psql -c "DELETE FROM jobs"`.lines == "1" { "deleted" }
check again(url) and twice and itself and x == ""

test "mixed up" {
  given probe rollback("api") = yes
  given action healthy("a") fails
  given probe nothing = yes
  given probe healthy("a", "b") = yes
  given probe "Is it healthy?" = yes
  given probe healthy("a") exits 256
  given probe healthy("a") = 3
  expect action healthy("a")
  expect resolved
}
