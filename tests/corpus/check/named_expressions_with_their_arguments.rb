runbook "x"
owner "api-oncall"
metric p99 in s from prometheus "a"
metric pool in % from prometheus "b"
let half(x) = x / 2
let over(x, limit) = x > limit
let both(a, b) = a + b
let slow(x) = over(x, 500)
let wrong(x) = p99 + 5

check half(p99) < 500
check over(p99, 10%)
check over(pool, 90%)
check over(p99, 1s)
if both(p99, pool) > 3 { "x" }
check slow(p99)
check slow(700)
check wrong(3) > 1s and wrong(4) > 1s
