runbook "x"
owner: "api-oncall"
severity = "sev1"
1. Look at the dashboard
2. check "Is it real?"
kubectl get pods -n web
sudo systemctl restart nginx && echo done
./deploy.sh --now
$ df -h
restart("web")
print("hello")
sleep(5)
check("Is it real?")
x = 3
// a comment
"text" // a comment
unless 1 > 2 { "a" }
stop "now" if 1 > 2
resolve unless 1 > 2
confirm "Really?"
for i in 1..3 { "a" }
for i in range(5) { "a" }
for h in hosts { "a" }
for h in a b c { "a" }
3.times { "a" }
wait for 5 minutes
wait for 90s
wait for 1 < 2
check 1 < 2 within 5s
if 1 < 2 within 5s { "a" }
action `id` as "root"
action `id` with sudo
if [ -f /tmp/x ]; then
if [[ -z $x ]] { "a" }
record f"load {x}"
check $x < 3
check 1 is below 2
check 1 -lt 2
wait_until 1 < 2 within 5m
action `a` && action `b`
action `a` || escalate to "o"
description "what it is"
try { "a" }
break
match 1 {
  case 1 { "a" }
  2: { "b" }
  * { "c" }
}
