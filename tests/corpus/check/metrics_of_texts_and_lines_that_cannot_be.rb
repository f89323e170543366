runbook "Replication"
owner   "database-oncall"

metric one: text         from prometheus "pg_leader"
metric two: lines        from host "uptime"
metric three: lines by i from file "a.json b"
metric four: text in s   from file "a.json b"
metric five: string      from file "a.json b"
metric six: number       from file "a.json b"
metric seven: txt        from file "a.json b"
metric eight: text by i  from file "a.json b"
metric nine: text        from file "a.json b"
metric ten: lines        from file "a.json b"
metric eleven: colour    from file "a.json b"

check one == "a" and any two == "b" and count(three) > 1 and four == "a"
check five == "a" and six < 3 and seven == "x" and eleven == "red"
check eight == "a"
check nine < 5
check nine < "b"
check nine 1h ago == "a"
check max(nine over 5m) == "a"
check nine == "a" for 5m
check count(ten over 5m) > 1
check eight 5m ago == "x"
check nine + 1 > 2
check max(eight) > 1
check nine.instance == "a"
check ten == "a"
check nine
check any nine == "a"
action `echo #{eight}`
match eight { "a" { resolve } }
if alert.firing for 5m { resolve }
if alert.firing 5m ago { resolve }
if alert.firing == "yes" { resolve }
if alert.fires { resolve }
check every eight < 5 and any eight.i == "a"
let then = alert
check then.firing

test "what cannot be given" {
  given nine = 5
  given nine = 5s
  given nine is nan
  given ten = "a"
  given ten = ["a", "b"] every 1m
  given ten has 3 series
  given eight = "a"
  given nine = [1, 2] every 1m
  given alert.firing = "yes"
  given alert.firing = 5
  given alert "A" {instance: 5}
  after action `echo #{1}` { given alert "A" }
  expect escalation
}

test "what could not be read before the run" {
  given nine = leader(alert.firing)
  expect resolved
}
