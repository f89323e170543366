runbook "Probes"
owner "api-oncall"
probe
probe 5
probe up
probe up as "a person looks"
probe up(x as `test #{x}`
probe up as `true` retry 3
probe up as `true` no on
probe up as `true` no on "7"
check `true` no on 5m
check `true` no on 1.5
check `true` no on 7, no on 8
check `true` no 7
check healthy("a") on "db-1"
let x = healthy("a") within 5s
test "t" {
  given probe up exits
  given probe up exits "7"
  given probe up exits 7 "x"
}
