//! Waiting: for a time, until a condition holds, and always with a limit.

use rbl_runtime::{Event, EventKind, Observer, Outcome, Then, run};

use super::scripted_world::Given;
use super::{program, start, told, world};

const P99: &str = "metric p99 in ms from prometheus \"p99\"\n";

#[test]
fn a_time_passes_and_readings_are_taken_anew() {
    let told = told(
        &format!("{P99}\"#{{p99}}\"\nwait 2m\n\"#{{p99}}\""),
        world().reading("p99", 1.0).later("p99", 60.0, 2.0),
    );
    assert_eq!(told.log(), ["read p99", "sleep 120", "read p99"]);
    assert_eq!(told.prose(), ["1ms", "2ms"]);
}

#[test]
fn polls_until_it_holds() {
    let body = format!("{P99}wait until p99 < 500ms within 10m every 1m\n\"now #{{p99}}\"");
    let told = told(&body, world().reading("p99", 800.0).later("p99", 150.0, 100.0)).ends(Outcome::Resolved);
    assert_eq!(
        told.log(),
        ["read p99", "sleep 60", "read p99", "sleep 60", "read p99", "sleep 60", "read p99"],
        "the message shows the reading that decided"
    );
    assert_eq!(told.prose(), ["now 100ms"]);
    let polled = told.events.iter().filter(|event| matches!(event.kind, EventKind::Polled { .. })).count();
    assert_eq!(polled, 4);
}

/// Subscribes to decisions, and not to each poll before them.
#[derive(Default)]
struct Deciding {
    events: Vec<Event>,
    looked_again: usize,
}

impl Observer for Deciding {
    fn event(&mut self, event: &Event) {
        self.events.push(event.clone());
    }

    fn wants_readings(&self) -> bool {
        false
    }

    fn polled(&mut self) {
        self.looked_again += 1;
    }
}

#[test]
fn who_wants_no_looks_is_told_all_else_as_everybody() {
    let body = format!(
        "{P99}check p99 > 500ms\nwait until p99 < 500ms within 10m every 1m\n\
         wait until p99 < 90ms for 2m within 5m every 1m else {{ \"still #{{p99}}\" }}"
    );
    let given = || world().reading("p99", 800.0).later("p99", 150.0, 100.0);
    let everything = told(&body, given()).events;
    let mut deciding = Deciding::default();
    run(&program(&body), &start(), &mut given(), &mut deciding);
    let undecided = |event: &Event| matches!(&event.kind, EventKind::Polled { decision, .. } if decision.then == Then::Again);
    let looked_again = everything.iter().filter(|event| undecided(event)).count();
    assert_eq!((deciding.looked_again, looked_again), (8, 8));
    let is_look = |event: &Event| matches!(event.kind, EventKind::Read { .. }) || undecided(event);
    let decided: Vec<Event> = everything.into_iter().filter(|event| !is_look(event)).collect();
    assert_eq!(deciding.events, decided);
}

#[test]
fn what_is_not_reached_in_time_takes_else() {
    let body = format!(
        "{P99}wait until p99 < 500ms within 50s else {{ \"else #{{p99}}\" }} unknown {{ \"unknown\" }}"
    );
    let slow = told(&body, world().reading("p99", 800.0));
    assert_eq!(slow.prose(), ["else 800ms"]);
    assert!((slow.world.clock - 50.0).abs() < 1e-9, "every 15s, the last at the limit: {:?}", slow.log());
    assert_eq!(slow.log().iter().filter(|line| line.starts_with("read")).count(), 5);
    assert_eq!(told(&body, world()).prose(), ["unknown"]);
    let at_the_limit = world().reading("p99", 800.0).later("p99", 50.0, 1.0);
    assert!(told(&body, at_the_limit).prose().is_empty());
}

#[test]
fn without_arms_it_stops() {
    let body = format!("{P99}wait until p99 < 500ms within 30s");
    let slow = told(&body, world().reading("p99", 800.0)).ends(Outcome::Escalated);
    assert_eq!(
        slow.unhandled(),
        ["`p99 < 500ms` was not reached within 30s (p99 = 800ms), and the wait has no `else`"]
    );
    let gone = told(&body, world()).ends(Outcome::Escalated);
    assert!(gone.unhandled()[0].contains("no `unknown`"));
}

#[test]
fn unknown_while_time_is_left_is_waited_through() {
    let body = format!("{P99}wait until p99 < 500ms within 5m every 1m\n\"reached\"");
    assert_eq!(told(&body, world().later("p99", 100.0, 1.0)).prose(), ["reached"]);
}

#[test]
fn it_must_hold_without_a_break() {
    let body = format!("{P99}wait until p99 < 500ms for 3m within 20m every 1m\n\"reached\"");
    let steady = told(&body, world().reading("p99", 1.0));
    assert!((steady.world.clock - 180.0).abs() < 1e-9);
    let broken = world().reading("p99", 1.0).later("p99", 120.0, 900.0).later("p99", 180.0, 1.0);
    assert!((told(&body, broken).world.clock - 360.0).abs() < 1e-9);
    let gap =
        world().reading("p99", 1.0).given("p99", 120.0, Given::Many(Vec::new())).later("p99", 180.0, 1.0);
    assert!((told(&body, gap).world.clock - 360.0).abs() < 1e-9, "a gap is a break");
    let never = format!("{P99}wait until p99 < 500ms for 3m within 4m else {{ \"else\" }}");
    let late = world().reading("p99", 1.0).later("p99", 120.0, 900.0).later("p99", 130.0, 1.0);
    assert_eq!(told(&never, late).prose(), ["else"]);
}

#[test]
fn the_hold_ends_when_it_is_long_enough_not_at_the_next_poll() {
    let told = told(&format!("{P99}wait until p99 < 500ms for 20s within 20m"), world().reading("p99", 1.0));
    assert!((told.world.clock - 20.0).abs() < 1e-9);
}

#[test]
fn a_person_is_asked_at_every_poll_and_never_beyond_the_limit() {
    let told = told(
        "wait until \"Is it back?\" within 10m every 1m else { \"no\" } unknown { \"unknown\" }",
        world().no("Is it back?").no("Is it back?"),
    );
    assert_eq!(told.log().iter().filter(|line| line.starts_with("ask")).count(), 3);
    assert_eq!(told.prose(), ["unknown"]);
    assert!((told.world.clock - 600.0).abs() < 1e-6, "{}", told.world.clock);
}

#[test]
fn an_abort_in_a_wait_is_heard() {
    let told =
        told(&format!("{P99}wait until p99 < 1ms within 10m"), world().reading("p99", 5.0).aborts("sleep"))
            .ends(Outcome::Aborted);
    assert!(told.deeds().is_empty());
}

#[test]
fn a_limit_that_is_not_known_stops() {
    let told = told("metric left in s from prometheus \"left\"\nlet d = left\nwait d", world())
        .ends(Outcome::Escalated);
    assert_eq!(told.unhandled(), ["the duration is unknown: `d` is unknown: no data"]);
}

#[test]
fn what_an_action_takes_is_no_part_of_the_wait_behind_it() {
    let told = told(
        &format!("{P99}action `slow`\nwait until p99 < 1ms within 1m else {{ \"else\" }}"),
        world().reading("p99", 5.0).takes("slow", 500.0),
    );
    assert_eq!(told.prose(), ["else"]);
    assert!((told.world.clock - 560.0).abs() < 1e-9);
}
