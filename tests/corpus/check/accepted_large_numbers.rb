runbook "Accounts"
owner "api-oncall"
param account = 563018673253974017
let other = [9007199254740993, -18446744073709551617]

check `test -n #{account}` else { stop "no account" } unknown { stop "no account" }
action `pay #{account} #{other} #{10000000000000000B}`
check `test -n #{account}` else { stop "no account" } unknown { stop "no account" }
check account == 9007199254740993 else { "another" } unknown { "too large to compare" }
