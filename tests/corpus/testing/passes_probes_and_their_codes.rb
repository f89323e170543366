runbook "Probes"
owner "api-oncall"
param url = "http://127.0.0.1:8080"
probe healthy(url) as `curl -fsS #{url}` no on 7, 22
probe leader as `cat /run/leader`

step "Declared" {
  if healthy(url) { record "healthy" } else { record "unhealthy: #{healthy(url).text}" } unknown { record "who knows" }
  match leader.text { "db-1" { record "first leads" } else { record "another leads" } unknown { record "no leader known: #{leader}" } }
}
step "In place" {
  if `grep -q ready /run/state` { record "ready" } else { record "not ready" } unknown { record "state unknown" }
  if `ping-all` no on 3 { record "all" } else { record "some" } unknown { record "ping unknown" }
}
step "A change" {
  action `restart api` within 1m
  wait until healthy(url) within 5m else { record "still unhealthy" } unknown { record "still unknown" }
}

test "yes" {
  given probe healthy("http://127.0.0.1:8080") = yes
  given probe leader prints "db-1"
  given probe `grep -q ready /run/state` = yes
  given probe `ping-all` exits 0
  expect record matching "^healthy"
  expect record matching "first leads"
  expect record matching "^ready"
  expect record matching "^all"
  expect resolved
}

test "no, by each code" {
  each {
    given probe healthy = no
    given probe healthy exits 7
    given probe healthy(url: "http://127.0.0.1:8080") exits 22 prints "404"
  }
  given probe leader prints "db-2"
  given probe `grep -q ready /run/state` exits 1
  given probe `ping-all` = no
  after action `restart api` { given probe healthy = yes }
  expect record matching "^unhealthy"
  expect record matching "another leads"
  expect record matching "^not ready"
  expect record matching "^some"
  expect no record matching "still"
  expect resolved
}

test "what it printed on a no is data" {
  given probe healthy exits 22 prints "404"
  given probe `grep -q ready /run/state` = yes
  given probe `ping-all` = yes
  expect record matching "^unhealthy: 404$"
  expect record matching "^still unhealthy"
}

test "any other code is unknown" {
  each {
    given probe healthy = unknown
    given probe healthy exits 1
    given probe healthy exits 28 prints "half a page"
  }
  given probe leader exits 2 prints "db-1"
  given probe `grep -q ready /run/state` exits 2
  given probe `ping-all` exits 1
  expect record matching "who knows"
  expect record matching "^no leader known: exit code 2: db-1$"
  expect record matching "state unknown"
  expect record matching "ping unknown"
  expect record matching "still unknown"
  expect resolved
}

test "another argument is another probe" {
  given probe healthy("http://127.0.0.1:9090") = yes
  given probe `curl -fsS http://127.0.0.1:8080` exits 7
  expect record matching "^unhealthy"
}
