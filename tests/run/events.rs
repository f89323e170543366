//! The story: events as JSON, and the same run twice.

use rbl_runtime::{Event, EventKind, NoObserver, Origin, Outcome, Then, run};

use super::{program, start, told, world};

const WHOLE: &str = r#"
runbook "API latency alert (p99 over 500ms)"
trigger  alert "ApiLatencyP99High" where severity = "page"
owner    "api-oncall"
param service = "api"
metric p99 in s from prometheus "p99{service='#{service}'}"
metric deploy_age in s from prometheus "age"
metric pool       in % from prometheus "pool"
define rollback(service) as `kubectl rollout undo deployment/#{service}`

step "Confirm that the alert is real" {
  if p99 < 500ms {
    resolve "p99 is back at #{p99}: nothing to do"
  }
}

step "Roll back a deploy that lines up" {
  if deploy_age < 30m {
    action rollback(service) within 5m
    wait until p99 < 500ms within 10m else {
      escalate to owner because "p99 is still #{p99} after the rollback"
    }
  } else {
    check pool < 90% else {
      escalate to "database-oncall" because "the connection pool is at #{pool}"
    }
  }
}

step "Record the cause" {
  wait until p99 < 500ms for 5m within 1h every 30s
  let cause = ask "What was the cause?" within 30m
  record "p99 recovered to #{p99}. Cause: #{cause}" to "incidents"
}
"#;

fn lines_up() -> super::ScriptedWorld {
    world()
        .reading("p99", 0.8)
        .reading("deploy_age", 720.0)
        .after("rollback(service: \"api\")", "p99", 0.12)
        .text("What was the cause?", "bad deploy")
}

#[test]
fn a_whole_runbook() {
    let good = told(WHOLE, lines_up()).ends(Outcome::Resolved);
    assert_eq!(
        good.deeds(),
        [
            "act rollback(service: \"api\")",
            "ask What was the cause?",
            "record p99 recovered to 120ms. Cause: bad deploy to incidents"
        ]
    );
    assert!((good.world.clock - 300.0).abs() < 1e-6, "{}", good.world.clock);
    let back = told(WHOLE, world().reading("p99", 0.2)).ends(Outcome::Resolved);
    assert_eq!(back.ended.message, "p99 is back at 200ms: nothing to do");
    let nothing = told(WHOLE, world()).ends(Outcome::Escalated);
    assert_eq!(nothing.deeds().len(), 1);
    let stays = told(WHOLE, world().reading("p99", 0.8).reading("deploy_age", 60.0)).ends(Outcome::Escalated);
    assert_eq!(stays.deeds()[1], "page api-oncall: p99 is still 800ms after the rollback");
}

#[test]
fn every_event_comes_back_from_json() {
    for event in told(WHOLE, lines_up()).events {
        let text = serde_json::to_string(&event).unwrap();
        assert!(text.starts_with("{\"type\":\""), "{text}");
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event, "{text}");
    }
}

#[test]
fn a_decision_says_what_decided_it() {
    let told = told(WHOLE, lines_up());
    let decision = told.events.iter().find_map(|event| {
        if let EventKind::Decided(decision) = &event.kind { Some((decision, &event.place)) } else { None }
    });
    let (decision, place) = decision.unwrap();
    assert_eq!(decision.condition, "p99 < 500ms");
    assert_eq!(decision.then, Then::GoesOn);
    let operand = &decision.operands[0];
    assert_eq!((operand.text.as_str(), operand.value.text.as_str()), ("p99", "800ms"));
    assert_eq!(operand.from, Origin::Provider("prometheus".into()));
    assert!(operand.measured.is_some());
    let compared = operand.compared.as_ref().unwrap();
    assert_eq!((compared.op.as_str(), compared.text.as_str()), ("<", "500ms"));
    let place = place.as_ref().unwrap();
    assert_eq!((place.file.as_str(), place.line), ("main.rb", 12));
}

#[test]
fn the_same_replies_give_the_same_run() {
    let (one, two) = (told(WHOLE, lines_up()), told(WHOLE, lines_up()));
    assert_eq!(one.world.effects, two.world.effects);
    assert_eq!(one.events, two.events);
    let program = program(WHOLE);
    let mut world = lines_up();
    let ended = run(&program, &start(), &mut world, &mut NoObserver);
    assert_eq!(world.effects, one.world.effects, "whether anybody watches changes nothing");
    assert_eq!(ended, one.ended);
}

#[test]
fn computed_operands_show_what_they_were_computed_from() {
    let told = told(
        "metric errors from prometheus \"e\"\nmetric requests from prometheus \"r\"\n\
         if errors / requests > 5% { }",
        world().reading("errors", 3.0).reading("requests", 100.0),
    );
    let decision = told.events.iter().find_map(|event| match &event.kind {
        EventKind::Decided(decision) => Some(decision.clone()),
        _ => None,
    });
    let operands: Vec<_> =
        decision.unwrap().operands.iter().map(|one| format!("{} = {}", one.text, one.value.text)).collect();
    assert_eq!(operands, ["errors = 3", "requests = 100", "errors / requests = 0.03"]);
}
