runbook "x"
owner "api-oncall"
define restart(name) as `systemctl restart #{name}` at most 2 in 24h
define free(name) as `systemctl stop #{name}`
check "Slow?" else { resolve }
lock "db-1" else { stop }
action restart("a")
action free("a")
check "Better?"

test "known" {
  given lock "db-1" is held for 5m
  given limit restart reached
  expect no action
}

test "unknown" {
  given lock "db-2" is held
  given lock "db-1" is held for 5
  given limit free reached
  given limit nothing reached
  given limit "other.rb" reached
  expect no action
}
