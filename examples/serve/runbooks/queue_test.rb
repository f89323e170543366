tests for "queue.rb"

test "emptied with leave, and it helps" {
  given queue = 101
  answer "May the orders in the queue be dropped?" with yes after 30m
  after action `echo "shop_queue_length 3" > ../shop/metrics` {
    given queue = 100
    given queue = 99 after 5m
  }
  expect action `echo "shop_queue_length 3" > ../shop/metrics`
  expect no escalation
  expect resolved within 35m
}

test "nobody allows it" {
  given queue = 250
  answer "May the orders in the queue be dropped?" with no
  expect no action
  expect escalation to "shop-oncall" matching "nobody allows it"
}

test "nobody answers" {
  given queue = 250
  expect no action
  expect escalation to "shop-oncall" matching "May the orders in the queue be dropped.*is unknown"
  expect escalated within 30m
}

test "it was short again before anybody looked" {
  given queue = 100
  expect no action
  expect no step "Empty it"
  expect resolved
}

test "nobody knows how long it is" {
  given queue is none
  expect step "Look"
  expect no action
  expect escalation to "shop-oncall" matching "queue.*is unknown"
}

test "emptied, and it does not help" {
  given queue = 250
  answer "May the orders in the queue be dropped?" with yes
  after action `echo "shop_queue_length 3" > ../shop/metrics` { given queue = 100 }
  expect escalation to "shop-oncall" matching "does not fall"
  expect resolved within 5m
}

test "emptied, and nobody can be told that it does not help" {
  given queue = 250
  given team "shop-oncall" is down
  answer "May the orders in the queue be dropped?" with yes
  expect failed within 5m
}

test "emptied, and then nobody knows how long it is" {
  given queue = 250
  answer "May the orders in the queue be dropped?" with yes
  after action `echo "shop_queue_length 3" > ../shop/metrics` { given queue is none }
  expect escalation to "shop-oncall" matching "queue.*is unknown"
}

test "it cannot be emptied" {
  given queue = 250
  given action `echo "shop_queue_length 3" > ../shop/metrics` fails
  answer "May the orders in the queue be dropped?" with yes
  expect escalation to "shop-oncall" matching "echo"
  expect escalated
}
