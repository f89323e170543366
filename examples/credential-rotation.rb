# Based on a runbook for rotating the password of a database role: a dry run, a second person, and every change undone if
# the end is not reached.
runbook "Rotate the password of a database role"

trigger manual
owner   "database-oncall"

param role = "reporting"
param file = "/tmp/rbl-example-credentials"

define store(role, password, file)
    as `umask 077; printf '%s:%s\n' #{role} #{password} > #{file}.new && mv #{file}.new #{file}`
define restore(file) as `mv #{file}.before #{file}`

step "Prepare" {
  check "Is the change request approved, and is nobody deploying?" else { resolve "not now" }
  # Nothing to keep on the first rotation. However it ends, what was kept is thrown away last.
  if `test -e #{file}` {
    action `cp -p #{file} #{file}.before` finally `rm -f #{file}.before`
  } else {
    action `touch #{file}.before` finally `rm -f #{file}.before`
  }
}

step "Dry run" {
  let plan = `printf 'would write %s, owned by %s\n' #{file} "$(id -un)"`
  check "No errors in the dry run?" within 15m showing plan else {
    stop "the dry run showed errors"
  }
}

step "A second person agrees" {
  check "Rotate the password of #{role} now?" by "security" within 30m else {
    resolve "not approved"
  }
  # Typed by a person and never shown, kept or printed: it can only be passed on.
  let new_password = ask secret "The new password for #{role}" within 10m
}

step "Change it" {
  action store(role, new_password, file) within 1m undo restore(file)
  check `grep -q "^#{role}:" #{file}` else { stop "the new password is not in #{file}" }
  check "Can the application still sign in as #{role}?" within 15m else {
    stop "sign-in does not work"
  }
}

record "The password of #{role} was rotated" to "incidents"
