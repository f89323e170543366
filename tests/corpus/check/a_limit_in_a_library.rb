limit 1 at once
define restart(name) as `systemctl restart #{name}` at most 2 in 24h
