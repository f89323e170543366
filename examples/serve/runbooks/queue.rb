runbook "The queue of the shop is long"
trigger alert "ShopQueueLong"
owner   "shop-oncall"

param instance: text = "127.0.0.1:8000"

metric queue from prometheus "shop_queue_length{instance=\"#{instance}\"}"

step "Look" {
  check queue > 100 else { resolve "the queue has emptied itself" }
}

step "Empty it" {
  check "May the orders in the queue be dropped?" by "shop-oncall" within 30m else {
    stop "nobody allows it: the queue has to be worked off"
  }
  action `echo "shop_queue_length 3" > ../shop/metrics`
  wait until queue < 100 within 5m every 1s else {
    escalate to owner because "the queue is emptied, and its length does not fall"
  }
}

resolve "the queue is short again"
