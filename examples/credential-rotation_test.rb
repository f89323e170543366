tests for "credential-rotation.rb"

test "everything goes well" {
  answer "The new password for reporting" with "correct horse battery staple"
  answer "Is the change request approved, and is nobody deploying?" with yes
  given probe `test -e /tmp/rbl-example-credentials` = yes
  given probe `printf 'would write %s, owned by %s\n' /tmp/rbl-example-credentials "$(id -un)"` prints "would write it"
  answer "No errors in the dry run?" with yes
  answer "Rotate the password of reporting now?" with yes
  given probe `grep -q "^reporting:" /tmp/rbl-example-credentials` = yes
  answer "Can the application still sign in as reporting?" with yes
  expect action store(role: "reporting")
  expect no action restore
  expect action `rm -f /tmp/rbl-example-credentials.before`
  expect record matching "reporting was rotated"
  expect resolved
}

test "the first rotation: there is nothing to keep" {
  answer "The new password for reporting" with "correct horse battery staple"
  answer "Is the change request approved, and is nobody deploying?" with yes
  given probe `test -e /tmp/rbl-example-credentials` = no
  answer "No errors in the dry run?" with no
  expect action `touch /tmp/rbl-example-credentials.before`
  expect no action store
  expect escalation to "database-oncall" matching "the dry run showed errors"
}

test "not now" {
  answer "The new password for reporting" with "correct horse battery staple"
  answer "Is the change request approved, and is nobody deploying?" with no
  expect no action
  expect resolved
}

test "nobody types the password in time: it goes no further than the one who is asked" {
  answer "Is the change request approved, and is nobody deploying?" with yes
  given probe `test -e /tmp/rbl-example-credentials` = yes
  answer "No errors in the dry run?" with yes
  answer "Rotate the password of reporting now?" with yes
  expect no action store
  expect escalation to "database-oncall" matching "new_password"
}

test "what was kept is thrown away where the second person does not agree" {
  answer "The new password for reporting" with "correct horse battery staple"
  answer "Is the change request approved, and is nobody deploying?" with yes
  given probe `test -e /tmp/rbl-example-credentials` = yes
  answer "No errors in the dry run?" with yes
  answer "Rotate the password of reporting now?" with no
  expect no action store
  expect no escalation
  expect resolved
}

test "an answer that does not come stops it before anything is changed" {
  answer "The new password for reporting" with "correct horse battery staple"
  answer "Is the change request approved, and is nobody deploying?" with yes
  given probe `test -e /tmp/rbl-example-credentials` = yes
  answer "No errors in the dry run?" with yes
  answer "Rotate the password of reporting now?" with yes
  each {
    answer "Is the change request approved, and is nobody deploying?" with "not sure"
    given probe `test -e /tmp/rbl-example-credentials` = unknown
    given action `cp -p /tmp/rbl-example-credentials /tmp/rbl-example-credentials.before` fails
    answer "No errors in the dry run?" with "not sure"
    answer "Rotate the password of reporting now?" with "not sure"
  }
  expect no action store
  expect escalation to "database-oncall"
}

test "the first rotation, and the mark cannot be made" {
  answer "Is the change request approved, and is nobody deploying?" with yes
  given probe `test -e /tmp/rbl-example-credentials` = no
  given action `touch /tmp/rbl-example-credentials.before` fails
  expect no action store
  expect escalation to "database-oncall" matching "touch"
}

test "whatever goes wrong behind the change puts the old password back" {
  answer "The new password for reporting" with "correct horse battery staple"
  answer "Is the change request approved, and is nobody deploying?" with yes
  given probe `test -e /tmp/rbl-example-credentials` = yes
  answer "No errors in the dry run?" with yes
  answer "Rotate the password of reporting now?" with yes
  given probe `grep -q "^reporting:" /tmp/rbl-example-credentials` = yes
  answer "Can the application still sign in as reporting?" with yes
  each {
    given action store fails "no space left on device"
    given probe `grep -q "^reporting:" /tmp/rbl-example-credentials` = no
    given probe `grep -q "^reporting:" /tmp/rbl-example-credentials` = unknown
    answer "Can the application still sign in as reporting?" with no
    answer "Can the application still sign in as reporting?" with "not sure"
  }
  expect action restore("/tmp/rbl-example-credentials")
  expect escalation to "database-oncall"
  expect no record
}

test "cleaning up does not work" {
  answer "The new password for reporting" with "correct horse battery staple"
  answer "Is the change request approved, and is nobody deploying?" with yes
  given probe `test -e /tmp/rbl-example-credentials` = no
  answer "No errors in the dry run?" with yes
  answer "Rotate the password of reporting now?" with yes
  given probe `grep -q "^reporting:" /tmp/rbl-example-credentials` = yes
  answer "Can the application still sign in as reporting?" with yes
  given action `rm -f /tmp/rbl-example-credentials.before` fails "permission denied"
  expect escalation to "database-oncall" matching "permission denied"
}

test "who types, reads and agrees with some delay is waited for, and 45 seconds are enough to store it" {
  answer "The new password for reporting" with "correct horse battery staple" after 8m
  answer "Is the change request approved, and is nobody deploying?" with yes
  given probe `test -e /tmp/rbl-example-credentials` = yes
  answer "No errors in the dry run?" with yes after 10m
  answer "Rotate the password of reporting now?" with yes after 20m
  given action store takes 45s
  given probe `grep -q "^reporting:" /tmp/rbl-example-credentials` = yes
  answer "Can the application still sign in as reporting?" with yes after 10m
  expect action store(role: "reporting")
  expect no action restore
  expect no escalation
  expect resolved within 50m
}

test "who takes too long before the change is not waited for: nothing is changed" {
  answer "The new password for reporting" with "correct horse battery staple"
  answer "Is the change request approved, and is nobody deploying?" with yes
  given probe `test -e /tmp/rbl-example-credentials` = yes
  answer "No errors in the dry run?" with yes
  answer "Rotate the password of reporting now?" with yes
  each {
    answer "The new password for reporting" with "correct horse battery staple" after 15m
    answer "No errors in the dry run?" with yes after 20m
    answer "Rotate the password of reporting now?" with yes after 45m
  }
  expect no action store
  expect escalation to "database-oncall"
}

test "what takes too long behind the change puts the old password back" {
  answer "The new password for reporting" with "correct horse battery staple"
  answer "Is the change request approved, and is nobody deploying?" with yes
  given probe `test -e /tmp/rbl-example-credentials` = yes
  answer "No errors in the dry run?" with yes
  answer "Rotate the password of reporting now?" with yes
  given probe `grep -q "^reporting:" /tmp/rbl-example-credentials` = yes
  answer "Can the application still sign in as reporting?" with yes
  each {
    given action store takes 90s
    answer "Can the application still sign in as reporting?" with yes after 20m
  }
  expect action restore("/tmp/rbl-example-credentials")
  expect escalation to "database-oncall"
}

test "the dry run shows errors: the copy that was kept is thrown away" {
  answer "The new password for reporting" with "correct horse battery staple"
  answer "Is the change request approved, and is nobody deploying?" with yes
  given probe `test -e /tmp/rbl-example-credentials` = yes
  answer "No errors in the dry run?" with no
  expect action `rm -f /tmp/rbl-example-credentials.before`
  expect escalation to "database-oncall" matching "the dry run showed errors"
}

test "what is wrong behind the change is said: the password is not there" {
  answer "The new password for reporting" with "correct horse battery staple"
  answer "Is the change request approved, and is nobody deploying?" with yes
  given probe `test -e /tmp/rbl-example-credentials` = yes
  answer "No errors in the dry run?" with yes
  answer "Rotate the password of reporting now?" with yes
  given probe `grep -q "^reporting:" /tmp/rbl-example-credentials` = no
  expect escalation to "database-oncall" matching "the new password is not in"
}

test "what is wrong behind the change is said: nobody can sign in" {
  answer "The new password for reporting" with "correct horse battery staple"
  answer "Is the change request approved, and is nobody deploying?" with yes
  given probe `test -e /tmp/rbl-example-credentials` = yes
  answer "No errors in the dry run?" with yes
  answer "Rotate the password of reporting now?" with yes
  given probe `grep -q "^reporting:" /tmp/rbl-example-credentials` = yes
  answer "Can the application still sign in as reporting?" with no
  expect escalation to "database-oncall" matching "sign-in does not work"
}
