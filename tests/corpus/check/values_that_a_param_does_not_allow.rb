runbook "Volume is full"
owner "api-oncall"
param kind: text among ["rbd", "cephfs"] = "rdb"
param count: number among [1, 2] = 1
param none: text among [] = "a"
param some: text among ["a", kind] = "a"
param twice: text among ["a", "b", "a"] = "a"
param open: text among ["a", "b", "c"] = "a"
param wrong among ["a", "b"] = 3

if kind == "cefs" { "never" }
if kind != "nothing like it" { "always" }
if kind in ["rbd", "nfs"] { "partly" }
if "rbdd" == kind { "never" }
match kind {
  "rbd" { "an image" }
  "cephf" { "a file system" }
}
match open {
  "a" { "one" }
  "b" { "two" }
}
match open {
  "a", "b" { "one" }
  "c" { "two" }
  else { "never" }
}
record "#{count} #{none} #{some} #{twice} #{wrong}"

test "gives it another" {
  param kind = "nfs"
  expect resolved
}
