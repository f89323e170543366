runbook "T"
owner "api-oncall"
param service = "api"
param services = ["a", "b"]
define eval_it(x) as `eval "echo #{x}"`

action `sh -c "echo #{service}"`
action `echo $((#{service} + 1))`
action eval_it(service)
action `ssh host "systemctl restart #{service}"`
action `x=#{services}; echo "$x"`
action `echo '#{service}' "#{service}" #{service}`
check `test -n "unclosed`
