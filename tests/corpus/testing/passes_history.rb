runbook "History"
owner "api-oncall"
metric p99 in ms from prometheus "a"
metric disk by mount in % from prometheus "d"

check p99 < 500ms for 10m else { record "not held" } unknown { record "cannot be told" }
record "an hour ago #{p99 1h ago}, max #{max(p99 over 30m)}, count #{count(p99 over 10m)}"
check every disk < 90% for 5m else { record "disks not held" } unknown { record "disks cannot be told" }

test "what is given without a time was always so" {
  given p99 = 120ms
  given disk {mount: "/"} = 40%
  expect record matching "an hour ago 120ms, max 120ms, count 41"
  expect no record matching "held|told"
}

test "what was before the run began" {
  given p99 = 120ms from -2h
  given p99 = 800ms from -5m
  given p99 = 200ms
  given disk {mount: "/"} = 40%
  given disk {mount: "/var"} = 95% from -2m
  expect record matching "^not held"
  expect record matching "an hour ago 120ms, max 800ms"
  expect record matching "disks not held"
}

test "samples lie as far apart as they are given" {
  given p99 = [100ms x 30, 300ms x 100] every 1m from -40m
  expect record matching "an hour ago no data, max 300ms, count 11"
}

test "a gap cannot be told" {
  given p99 = 120ms
  given p99 is none from -8m
  given p99 = 120ms from -3m
  given disk {mount: "/"} is none
  expect record matching "^cannot be told"
  expect record matching "disks cannot be told"
}
