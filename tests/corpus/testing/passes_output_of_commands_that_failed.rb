runbook "What a command printed"
owner "api-oncall"
let state = `curl -s http://x/state`
let list = `ls /srv` no on 2
if state.text == "up" { record "up" } else { record "not up" } unknown { record "nobody knows: #{state.text}" }
if state.status == 22 { record "the server said no" }
for each l in list.lines up to 3 { record "has #{l}" } none { record "empty" } unknown { record "not listed" }
if `grep -q x /srv/a` { record "found" } else { record "not found" } unknown { record "no file" }
record "a \#{literal} one, and #{1 + 1}"

test "all is known" {
  given probe `curl -s http://x/state` prints "up"
  given probe `ls /srv` prints "a\nb"
  given probe `grep -q x /srv/a` = yes
  expect record matching "^up$"
  expect record matching "has b"
  expect record matching "found"
  expect record matching "^a #\\{literal\\} one, and 2$"
}

test "a failed command printed nothing that counts" {
  given probe `curl -s http://x/state` prints "up"
  given probe `curl -s http://x/state` exits 22
  given probe `ls /srv` exits 1
  given probe `grep -q x /srv/a` exits 2
  expect record matching "nobody knows: .*22"
  expect record matching "the server said no"
  expect record matching "not listed"
  expect record matching "no file"
}

test "a no is an answer, and its output data" {
  given probe `curl -s http://x/state` exits 1
  given probe `ls /srv` exits 2
  given probe `grep -q x /srv/a` exits 1
  expect record matching "not up"
  expect record matching "empty"
  expect record matching "not found"
}
