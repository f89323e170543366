# A test that names what is no longer there does not fit any more: that is noticed, too.
runbook "By name alone"
owner "api-oncall"

check "Is it real?" else { resolve "no" }

test "somebody looks" {
  answer "Is it real?" with yes
  expect resolved
}
