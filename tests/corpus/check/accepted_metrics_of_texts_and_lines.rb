runbook "Replication"
trigger alert "ReplicationBroken" where team = "db"
owner   "database-oncall"

param wanted = "db-1"

metric leader: text                      from shop "/leader $.name"
metric state(name): text                 from shop "/nodes/#{name} $.state"
metric replica: text by instance         from shop "/replicas $.list"
metric log: lines                        from file "app.log"
metric tail(count): lines                from shop "/log/#{count}"

define restart(name) as `systemctl restart replica-#{name}`

step "Who leads" {
  check leader == wanted else {
    escalate to owner because "the leader is #{leader}, and #{upper(leader)} is not #{wanted}"
  } unknown { escalate to owner because "nobody can say who leads: #{leader}" }
  if leader in ["db-1", "db-2"] and "db" in leader and not leader == state("db-2") {
    "#{length(leader)} letters, #{split(leader, "-")[0]}"
  }
  match state(wanted) {
    "running", "starting"   { "It runs" }
    contains "stopp"        { "It stops" }
    matches "^(cra|fai)"    { escalate to owner because "it crashed" }
    ["unknown", "none"]     { "Nobody knows" }
    else                    { escalate to owner }
    unknown                 { escalate to owner because "no state" }
  }
}

step "The replicas" {
  check every replica == "streaming" else {
    for each r in replica where r != "streaming" and not contains(r, "back") up to 3 {
      "#{r.instance} is #{r}"
      action restart(r.instance)
    }
    wait until every replica in ["streaming", "backup"] within 10m
  }
  check count(replica) > 1 and any replica == "streaming"
}

step "The log" {
  check not any log == "out of memory" and not "PANIC" in join(log, " ") and length(log) < 100
  for each line in tail(10) where matches(line, "^E[0-9]+") {
    "#{line}"
  }
  if "disk full" in log or log[0] == "x" or contains(log, "y") {
    check "Do these look normal?" showing log, leader, replica
  }
}

step "Afterwards" {
  if not alert.firing { resolve "the alert is over" }
  let still = alert.firing
  wait until not alert.firing and leader == wanted for 5m within 1h unknown {
    escalate to owner because "firing was #{still}, and is #{alert.firing}"
  }
}

test "it recovers" {
  given alert "ReplicationBroken" {team: "db", instance: "db-1"}
  given alert.firing = no from 5m
  given leader = "db-1"
  given leader = "db-2" from 5m
  given leader = ["db-1" x 3, "db-2"] every 1m
  given state("db-1") = "running"
  given state("db-2") is stale 10m
  given replica {instance: "a"} = "streaming"
  given replica {instance: "b"} = ["x", "streaming" x 10] every 30s
  given replica {instance: "c"} is none
  given log = ["a", "b"]
  given log = [["a"] x 2, []] every 1m
  given tail(10) is none
  after action restart("a") {
    given replica {instance: "a"} = "streaming" after 1m
    given alert.firing = unknown after 2m
    given log = []
  }
  each {
    given alert.firing is none
    given leader has 2 series
    given provider shop is down
  }
  answer "Do these look normal?" with yes
  expect escalation
}
