runbook "A name that is also a modifier"
owner "api-oncall"
probe up(host) as `test -e /run/#{host}`
probe yes as `test -e /run/yes`
define retry(host) as `systemctl restart #{host}`

check up("a") and not yes else { action retry("a") }
check up("a")

test "given by its name" {
  given probe up("a") = no
  given probe up = yes
  given probe yes = no
  given action retry("a") fails
  expect escalated
}
