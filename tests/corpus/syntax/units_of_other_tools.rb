runbook "x"
owner "api-oncall"
metric a in seconds from host "uptime"
metric b in Mi from host "memory.total_bytes"
metric c in percent from host "memory.used"
metric d in furlongs from host "uptime"
check a < 500msec
check a < 5min
check a < 2hrs
check a < 1mo
check b < 512Mi
check b < 10M
check b < 10Mb
check b < 10KB
check b < 100mbps
check c < 90pct
check 200/sec < 300/s
check a < 5parsecs
check a < 30m1h
