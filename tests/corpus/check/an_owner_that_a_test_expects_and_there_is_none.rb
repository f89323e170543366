runbook "T"
check `true` else { stop "no" } unknown { stop "no" }
test "it pages" {
  given probe `true` = no
  expect escalation to owner
}
