runbook "Pay back"
owner "api-oncall"
param account = 563018673253974017
metric invoice from file "billing.json last"
metric used in GB from file "billing.json used"

define pay(account, invoice) as `pay #{account} #{invoice}`

step "Pay" {
  check used < 10GB else { "used #{used}" } unknown { "nobody knows how much" }
  action pay(account, invoice) else { stop "invoice #{invoice} of #{account} was not paid" }
  if invoice > 5 { "a large one" } unknown { record "paid #{invoice}, used #{used}" }
}

test "what is too large to compute with is passed on as it is" {
  given invoice = 18446744073709551617
  given used = 13512345678B
  expect action pay(account: 563018673253974017, invoice: 18446744073709551617)
  expect record matching "^paid 18446744073709551617, used 13.5GB$"
  expect resolved
}

test "another account" {
  param account = -9007199254740993
  given invoice = 3
  given used = 1GB
  given action pay(account: -9007199254740993) fails
  expect escalation matching "invoice 3 of -9007199254740993 was not paid"
}
