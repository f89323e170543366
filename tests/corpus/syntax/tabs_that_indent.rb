runbook "x"
owner "api-oncall"
if 1 < 2 {
	check	"a"
  check "b"
	check "c"
}
