runbook "Slower than yesterday"
owner "api-oncall"
metric p99 in s from prometheus "p99"
metric lag by instance in s from prometheus "lag"
if max(p99 over 1h) > max(p99 over 1h 1d ago) * 2 { record "slower: #{max(p99 over 1h)}" } else { record "as yesterday" } unknown { record "no history" }
for each r in lag up to 3 {
  if delta(r over 10m) > 5s { record "#{r.instance} grows" } unknown { record "#{r.instance}: who knows" }
}

test "it grew" {
  given p99 = [100ms x 1440, 900ms x 120] every 1m
  given now = time("2026-05-02T10:00:00Z")
  given lag {instance: "a"} = 1s
  expect record matching "slower|as yesterday|no history"
}
