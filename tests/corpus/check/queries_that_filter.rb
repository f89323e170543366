runbook "x"
owner "api-oncall"
metric backlog from prometheus "sum(queue_length) > 100"
metric down from prometheus """
  (
    absent(up{job="api"}) == 1
  )
"""
metric failing from prometheus "rate(errors_total[5m]) > 3 and rate(requests_total[5m]) > 10"

check backlog < 500 and down != 1 and failing < 4
