tests for "files/other.rb"

test "it waits" {
  param service = "api"
  param paus = 3m
  given p99 = 3s
  expect record matching "api"
  expect resolved
}
