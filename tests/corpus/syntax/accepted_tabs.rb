runbook "x"
owner "api-oncall"
if "Is it?" {
	check	"a"
	check "b"
}
