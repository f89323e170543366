runbook x
trigger
trigger alert
trigger alert "x" where severity
trigger alert "x" where severity == "page"
trigger schedule
trigger every day
owner team
severity 2
link "only a name"
param
param 5
param x :
param x =
secret token
secret token from vault "x"
secret token = "abc"
metric
metric p99
metric p99 in s
metric p99 from prometheus
metric p99 in s from prometheus up
metric p99 = "up"
metric leader text from file "a b"
metric leader(x) as lines from file "a b"
metric leader: from file "a b"
metric leader: text in from file "a b"
metric leader: text lines from file "a b"
define
define restart
define restart() = `x`
define restart(5) as `x`
use
use lib
step { "a" }
step one { "a" }
test { }
