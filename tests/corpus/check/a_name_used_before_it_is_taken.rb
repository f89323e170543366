runbook "T"
owner "api-oncall"
let first_one = second_one + 1
let second_one = 2
let third = doubled(3)
let doubled(x) = x * fourth
let fourth = 4
let fifth = fifth
param limit = fourth
param pause = p99
metric p99 in s from prometheus "a"

step "A" {
  record "#{cause}"
  let cause = "x"
  record "#{cause} #{first_one} #{third} #{fifth} #{limit} #{pause}"
}
step "B" {
  record "#{cause}"
  if "Is it over?" {
    let remark = "y"
    record "#{remark}"
  } unknown {}
  record "#{remark}"
}
