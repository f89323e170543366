runbook "x"
owner "api-oncall"
limit 3 runs
limit 3 per 1h
limit at once
limit 3 runs in 1h for node
define a() as `b` at most 2
define c() as `d` at most in 1h

lock
lock "a" for 5m
lock "a" else
mutex "a"
acquire "db" within 5m
throttle 3
step "s" {
  limit 1 at once
  lock "b" within 5m unknown { stop }
}

test "t" {
  given lock "a" held
  given limit a is reached
  given lock is held
}
