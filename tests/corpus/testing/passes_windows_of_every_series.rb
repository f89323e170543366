# What holds before the run holds for each series until something else is given for it.
runbook "Lag"
owner "database-oncall"
metric lag by instance in s from prometheus "lag"
for each one in lag up to 5 {
  record "#{one.instance}: #{count(one over 10m)}, first #{first(one over 10m)}"
}
test "a change of one series leaves the others" {
  given lag {instance: "a"} = 1s from -1h
  given lag {instance: "a"} = 9s from -2m
  given lag {instance: "b"} = 3s
  expect record matching "a: 41, first 1s"
  expect record matching "b: 41, first 3s"
}
test "a series that begins late is not there before" {
  given lag {instance: "a"} = 9s from -2m
  given lag {instance: "b"} = 3s
  expect record matching "a: 9, first a gap of 8m, from "
  expect record matching "b: 41, first 3s"
}
