tests for "queue.rb"

test "emptied with leave, and it helps" {
  given queue = 250
  answer "May the orders in the queue be dropped?" with yes
  after action `echo "shop_queue_length 3" > ../shop/metrics` {
    given queue = 3
  }
  expect action `echo "shop_queue_length 3" > ../shop/metrics`
  expect resolved within 10m
}

test "nobody allows it" {
  given queue = 250
  answer "May the orders in the queue be dropped?" with no
  expect no action
  expect escalation to "shop-oncall"
}

test "it was short again before anybody looked" {
  given queue = 7
  expect no action
  expect resolved
}

test "emptied, and it does not help" {
  given queue = 250
  answer "May the orders in the queue be dropped?" with yes
  expect escalation to "shop-oncall" matching "does not fall"
}
