runbook "Restart"
owner "api-oncall"
define restart(node) as `systemctl restart #{node}` at most 2 in 24h
lock "api" within 5m else { stop "another run works on it" }
check `systemctl is-active api` no on 3 else {
  action restart("a") by "database-oncall" else {
    escalate to owner because "not restarted" acknowledged within 15m else { stop "nobody" }
  }
  check `systemctl is-active api` no on 3 else { escalate to owner because "restarted, and not active" } unknown { stop "nobody knows" }
} unknown { stop "nobody knows" }
action `logger "restarted api"` else { "not logged" }
record (if alert.firing { "fires" } else { "over" })

background {
  given probe `systemctl is-active api` exits 3
  answer action restart("a") by "database-oncall" with yes
}
test "it is restarted" {
  given alert "A" {cluster: "a"}
  given alert.firing = no from 5m
  expect action restart("a") before `logger "restarted api"`
}
test "not so often" {
  given limit restart reached
  given team "api-oncall" acknowledges after 5m
  expect escalation to owner
}
test "another run" {
  given lock "api" is held for 3m
  expect action restart("a")
}
