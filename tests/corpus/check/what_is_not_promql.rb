runbook "T"
owner "api-oncall"
param service = "api"
param window = 5m
metric a from prometheus "sum(rate(x[5m])"
metric b from prometheus """
  histogram_quantile(0.99,
    sum by (le) rat(y[5m]))
"""
metric c from prometheus "rate(x{service=\"#{service}\"}[#{window}])"
metric d from prometheus "x{service=#{service}}"
metric e from prometheus "x{a=\"b\"} + * y"
metric f from host "cpu.usd"
metric g by mount in % from host "disk.used"
metric h from host "process.count"
metric i from shop "/whatever {"

check a + b + c + d + e + f + h + i < max(g) * 3
