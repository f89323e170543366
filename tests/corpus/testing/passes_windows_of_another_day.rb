runbook "Slower than yesterday"
owner "api-oncall"
metric p99 in s from prometheus "p99"
metric lag by instance in s from prometheus "lag"
if max(p99 over 1h) > max(p99 over 1h 1d ago) * 2 { record "slower: #{max(p99 over 1h)}" } else { record "as yesterday" } unknown { record "no history" }
for each r in lag up to 3 {
  if delta(r over 10m) > 5s { record "#{r.instance} grows" } else { record "#{r.instance} is steady" } unknown { record "#{r.instance}: who knows" }
}

test "it grew" {
  given p99 = [100ms x 1440, 900ms x 120] every 1m from -25h
  given lag {instance: "a"} = 1s
  expect record matching "^slower: 900ms$"
  expect record matching "^a is steady$"
  expect no record matching "grows|knows|yesterday"
}

test "yesterday was the same" {
  given p99 = 900ms
  given lag {instance: "a"} = [1s x 5, 9s x 5] every 1m from -9m
  expect record matching "^as yesterday$"
  expect record matching "^a grows$"
}

test "a gap of yesterday" {
  given p99 is none from -26h
  given p99 = 900ms from -12h
  given lag {instance: "a"} = 1s
  given lag {instance: "a"} is none from -4m
  expect record matching "^no history$"
}
