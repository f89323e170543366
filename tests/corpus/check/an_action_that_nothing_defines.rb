runbook "T"
owner "api-oncall"
param service = "api"
define rollback(service) as `kubectl rollout undo deployment/#{service}`

action rolback(service)
action restart()
action rollback(service) finally rollbak(service)
action service()
