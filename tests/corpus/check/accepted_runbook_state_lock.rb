runbook "A state lock is left behind"

owner "api-oncall"
param lock

check "Is nobody running terraform now?" else { resolve "somebody holds it for a reason" }
let item = `aws dynamodb get-item --table-name locks --key LockID=#{lock}`
check "Is it older than the last run?" showing item else { resolve }
action `terraform force-unlock -force #{lock}` within 1m else {
  escalate to owner because "#{lock} cannot be taken off"
  stop
}
if `terraform plan -lock-timeout=10s >/dev/null` {
  resolve
} else {
  escalate to owner because "terraform does not plan"
}
