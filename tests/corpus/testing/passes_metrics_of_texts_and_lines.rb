runbook "Replication"
owner   "database-oncall"

metric leader: text              from file "cluster.json leader"
metric replica: text by instance from file "cluster.json replicas"
metric log: lines                from file "app.log"

define restart(name) as `systemctl restart replica-#{name}`

step "Look" {
  record "leader #{leader}, replicas #{replica}, #{count(log)} lines: #{log}"
  match leader {
    "db-1"              { record "the first leads" }
    contains "db"       { record "another leads" }
    matches "^[0-9.]+$" { record "an address leads" }
    else                { record "nobody we know leads" }
    unknown             { record "unknown: #{leader}" }
  }
  if leader in ["db-1", "db-2"] { record "a member" } else { record "no member" } unknown { record "membership unknown" }
  if any log == "out of memory" or "PANIC" in join(log, " ") { record "bad lines" } unknown { record "lines unknown" }
  check every replica == "streaming" else {
    for each r in replica where r != "streaming" up to 5 {
      record "#{r.instance} is #{r}, #{upper(r)}, #{length(r)} letters"
      action restart(r.instance)
    }
    wait until (every replica == "streaming") within 10m else { escalate to owner because "still #{replica}" }
  } unknown {
    escalate to owner because "a replica is unknown: #{replica}"
  }
}

test "all is well" {
  given leader = "db-1"
  given replica {instance: "a"} = "streaming"
  given replica {instance: "b"} = "streaming"
  given log = ["started", "ready"]
  expect record matching "leader db-1, replicas instance=a streaming, instance=b streaming, 2 lines: started, ready"
  expect record matching "the first leads"
  expect record matching "a member"
  expect no record matching "bad lines|lines unknown"
  expect no action
  expect resolved
}

test "every text goes its own way" {
  given replica {instance: "a"} = "streaming"
  each {
    given leader = "db-2"
    given leader = ["db-2", "db-1"] every 1h
    given leader = "x" from -5m
  }
  expect no record matching "the first leads"
}

test "an address is no member" {
  given leader = "10.0.0.1"
  given replica {instance: "a"} = "streaming"
  given log = []
  expect record matching "an address leads"
  expect record matching "no member"
  expect record matching "0 lines"
  expect record matching "lines unknown"
}

test "lines that tell of trouble" {
  given replica {instance: "a"} = "streaming"
  each {
    given log = ["a", "out of memory"]
    given log = [["a PANIC b"], ["a"]] every 1m
  }
  expect record matching "bad lines"
}

test "a replica is restarted, and streams again" {
  given replica {instance: "a"} = "streaming"
  given replica {instance: "b"} = "stopped"
  after action restart("b") { given replica {instance: "b"} = "streaming" after 2m }
  expect record matching "b is stopped, STOPPED, 7 letters"
  expect action restart("b")
  expect no action restart("a")
  expect resolved within 3m
}

test "what nothing gives is unknown, each with its reason" {
  given replica {instance: "a"} = "streaming"
  expect record matching "leader no data"
  expect record matching "unknown: no data"
  expect record matching "membership unknown"
  expect record matching "lines unknown"
}

test "no replica at all is unknown, and nothing is touched" {
  each {
    given replica is none
    given replica {instance: "a"} is none
    given provider file is down
    given provider file is error "internal error"
    given replica is stale 10m
    given replica {instance: "a"} has 2 series
  }
  expect no action
  expect escalation matching "a replica is unknown"
}

test "several leaders are not one" {
  given leader has 3 series
  given replica {instance: "a"} = "streaming"
  expect record matching "unknown: 3 series"
}
