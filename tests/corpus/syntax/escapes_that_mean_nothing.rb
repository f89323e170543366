runbook "x"
owner "api-oncall"
"a \d b \x"
record "tab \t line \n quote \" backslash \\ hash \#{x} are fine"
