runbook "x"
owner "api-oncall"
metric a from prometheus """
  up
check "b"
