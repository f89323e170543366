runbook "x"
owner "api-oncall"
param on = True
param kind = "a"

if kind == nil { "never" }
if on == FALSE { "off" }
if ENV["HOME"] == "a" { "home" }
match kind {
  "a" { "one" }
  default { "other" }
}
match kind { "a" { "one" } _ { "other" } }
match "Which?" { "a" { "one" } otherwise { "other" } }
action `id` as root
