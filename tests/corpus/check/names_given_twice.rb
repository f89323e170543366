runbook "T"
owner "api-oncall"
owner "database-oncall"
param service = "api"
metric service from prometheus "a"
define restart(host, host) as `reboot #{host}`
let cause = "x"
let now2 = now
param alert = "x"
let min(x) = x < 3

let cause = "y"
record "#{cause} #{service} #{now2} #{min(3)}"
step "A" {
  let a = 1
  let a = 2
  record "#{a}"
  action restart("a")
}
