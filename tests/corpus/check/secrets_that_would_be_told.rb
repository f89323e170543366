runbook "T"
owner "api-oncall"
secret token from env "TOKEN"
param service = "api"
metric p99 in s from prometheus "rate(a{token='#{token}'}[5m])"
define tell(x) as "Say #{x} to the caller"
define login(x) as `login #{x}`
define job(x) as rundeck "job-#{x}"
let greet(x) = "hi #{x}"
let alias = token
let text = "Bearer #{token}"

"The token is #{token}"
record "#{token}"
record token to "incidents"
escalate to "api-oncall" because "#{alias}"
check "Is #{token} right?" showing token
check token == "abc"
check token
match token { "a" { "x" } else { "y" } }
action "Use #{token}"
action tell(token)
action login(token)
action job(token)
action `curl -H "Authorization: Bearer #{token}" http://127.0.0.1/`
record greet(token)
record "#{upper(token)} #{text} #{service} #{p99}"
let pin = ask secret "The PIN?"
action login(pin)
record pin
record "#{[token, "a"]}"
let r = {a: token}
for each x in [token] up to 3 { record "#{x}" }
resolve token
