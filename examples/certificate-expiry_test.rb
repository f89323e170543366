tests for "certificate-expiry.rb"

test "the file is not there, or may not be read" {
  given probe `test -r /etc/ssl/certs/ca-certificates.crt` = no
  expect escalation to "security" matching "cannot be read"
  expect no escalation matching "openssl"
  expect no step "Renew it"
}

test "it cannot be told whether the file is there" {
  expect escalation to "security" matching "test -r"
}

test "it is good for long enough" {
  given probe `test -r /etc/ssl/certs/ca-certificates.crt` = yes
  given probe good_for(1814400) = yes
  expect no action
  expect no escalation
  expect resolved
}

test "openssl cannot tell" {
  given probe `test -r /etc/ssl/certs/ca-certificates.crt` = yes
  given probe good_for(1814400) = unknown
  expect escalation to "security" matching "could not tell"
  expect no action
}

test "it is renewed, and the service takes the new one" {
  param certificate = "/etc/nginx/site.pem"
  param soon = 30d
  given probe `test -r /etc/nginx/site.pem` = yes
  given probe good_for(2592000) = no
  given probe `openssl x509 -in /etc/nginx/site.pem -noout -enddate` prints "notAfter=May 10 12:00:00 2026 GMT"
  answer "Renew /etc/nginx/site.pem, and put the new one in its place" with done after 2h
  after action "Renew /etc/nginx/site.pem, and put the new one in its place" {
    given probe good_for(2592000) = yes
  }
  answer "Does nginx serve the new certificate?" with yes
  expect record matching "notAfter=May 10"
  expect action `systemctl reload nginx`
  expect no escalation
  expect resolved within 3h
}

test "nobody renews it" {
  given probe `test -r /etc/ssl/certs/ca-certificates.crt` = yes
  given probe good_for(1814400) = no
  expect escalation to "security" matching "no answer within 4h"
  expect no action `systemctl reload nginx`
}

test "the new one is as old, or cannot be read" {
  given probe `test -r /etc/ssl/certs/ca-certificates.crt` = yes
  given probe good_for(1814400) = no
  answer "Renew /etc/ssl/certs/ca-certificates.crt, and put the new one in its place" with done
  each {
    after action "Renew /etc/ssl/certs/ca-certificates.crt, and put the new one in its place" {
      given probe good_for(1814400) = no
    }
    after action "Renew /etc/ssl/certs/ca-certificates.crt, and put the new one in its place" {
      given probe good_for(1814400) = unknown
    }
  }
  expect no action `systemctl reload nginx`
  expect escalation to "security"
  expect escalated
}

test "the service does not take it" {
  given probe `test -r /etc/ssl/certs/ca-certificates.crt` = yes
  given probe good_for(1814400) = no
  answer "Renew /etc/ssl/certs/ca-certificates.crt, and put the new one in its place" with done
  after action "Renew /etc/ssl/certs/ca-certificates.crt, and put the new one in its place" {
    given probe good_for(1814400) = yes
  }
  each {
    given action `systemctl reload nginx` fails "nginx.service is not active"
    given action `systemctl reload nginx` takes 2m
  }
  expect escalation to "security" matching "could not be reloaded"
  expect escalated
}

test "it is reloaded, and still serves the old one: the owner is told" {
  given probe `test -r /etc/ssl/certs/ca-certificates.crt` = yes
  given probe good_for(1814400) = no
  answer "Renew /etc/ssl/certs/ca-certificates.crt, and put the new one in its place" with done
  after action "Renew /etc/ssl/certs/ca-certificates.crt, and put the new one in its place" {
    given probe good_for(1814400) = yes
  }
  answer "Does nginx serve the new certificate?" with no after 5m
  expect action `systemctl reload nginx`
  expect escalation to "security" matching "nginx still serves the old certificate"
  expect escalated within 10m
}

test "the security team cannot be paged: nothing is renewed, and the run fails" {
  given team "security" is down
  each {
    given probe `test -r /etc/ssl/certs/ca-certificates.crt` = no
    given probe `test -r /etc/ssl/certs/ca-certificates.crt` = yes
  }
  expect no step "Renew it"
  expect no escalation
  expect failed
}

test "it was renewed badly, and the security team cannot be paged" {
  given team "security" is down
  given probe `test -r /etc/ssl/certs/ca-certificates.crt` = yes
  given probe good_for(1814400) = no
  answer "Renew /etc/ssl/certs/ca-certificates.crt, and put the new one in its place" with done
  expect action "Renew /etc/ssl/certs/ca-certificates.crt, and put the new one in its place"
  expect no action `systemctl reload nginx`
  expect no escalation
  expect failed
}

test "it was renewed well, nginx does not take it, and the security team cannot be paged" {
  given team "security" is down
  given probe `test -r /etc/ssl/certs/ca-certificates.crt` = yes
  given probe good_for(1814400) = no
  answer "Renew /etc/ssl/certs/ca-certificates.crt, and put the new one in its place" with done
  after action "Renew /etc/ssl/certs/ca-certificates.crt, and put the new one in its place" {
    given probe good_for(1814400) = yes
  }
  answer "Does nginx serve the new certificate?" with no
  each {
    given action `systemctl reload nginx` fails "nginx.service is not active"
    given action `systemctl reload nginx` takes 5s
  }
  expect action `systemctl reload nginx`
  expect no escalation
  expect failed
}

test "the new one expires as soon as the old one" {
  given probe `test -r /etc/ssl/certs/ca-certificates.crt` = yes
  given probe good_for(1814400) = no
  answer "Renew /etc/ssl/certs/ca-certificates.crt, and put the new one in its place" with done
  expect no action `systemctl reload nginx`
  expect escalation to "security" matching "still expires within 21d"
}

test "a renewal of three hours, a reload of 45 seconds and an answer after ten minutes are in time" {
  given probe `test -r /etc/ssl/certs/ca-certificates.crt` = yes
  given probe good_for(1814400) = no
  answer "Renew /etc/ssl/certs/ca-certificates.crt, and put the new one in its place" with done after 3h
  after action "Renew /etc/ssl/certs/ca-certificates.crt, and put the new one in its place" {
    given probe good_for(1814400) = yes
  }
  given action `systemctl reload nginx` takes 45s
  answer "Does nginx serve the new certificate?" with yes after 10m
  expect no escalation
  expect resolved within 4h
}

test "who takes longer is not waited for: five hours to renew it, twenty minutes to look" {
  given probe `test -r /etc/ssl/certs/ca-certificates.crt` = yes
  given probe good_for(1814400) = no
  answer "Renew /etc/ssl/certs/ca-certificates.crt, and put the new one in its place" with done
  after action "Renew /etc/ssl/certs/ca-certificates.crt, and put the new one in its place" {
    given probe good_for(1814400) = yes
  }
  answer "Does nginx serve the new certificate?" with yes
  each {
    answer "Renew /etc/ssl/certs/ca-certificates.crt, and put the new one in its place" with done after 5h
    answer "Does nginx serve the new certificate?" with yes after 20m
  }
  expect escalation to "security"
  expect escalated
}
