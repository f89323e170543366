//! Random programs in random worlds: a replay is identical, and wherever a run is cut off it ends the same.

use std::sync::Arc;

use proptest::prelude::*;
use rbl_runtime::journal::Memory;
use rbl_runtime::{Event, EventKind};

use super::bench::{Shared, begun, catch_up, cut, drive, is_sound, start, told_again, without_looks};
use super::scripted_world::ScriptedWorld;

/// A statement of a body; `depth`: how many blocks may be nested in it.
fn statement(depth: u32) -> BoxedStrategy<String> {
    let name = 0..4u8;
    let leaf = prop_oneof![
        name.clone().prop_map(|n| format!("action `a{n}` else {{ \"a{n} failed\" }}\n")),
        name.clone().prop_map(|n| format!("action `a{n}` retry 2 every 3s else {{ \"given up\" }}\n")),
        name.clone()
            .prop_map(|n| format!("action `a{n}` by \"dba\" within 5m else {{ \"not approved\" }}\n")),
        name.clone().prop_map(|n| format!("action `a{n}` finally `f{n}` undo `u{n}`\n")),
        name.clone().prop_map(|n| format!("action \"Look at {n}\" within 5m else {{ \"not looked\" }}\n")),
        name.clone().prop_map(|n| format!("check m{n} < 5s else {{ \"high\" }} unknown {{ \"no data\" }}\n")),
        name.clone()
            .prop_map(|n| format!("check \"Is {n} well?\" else {{ \"no\" }} unknown {{ \"who knows\" }}\n")),
        name.clone().prop_map(|n| format!(
            "if `p{n}` {{ \"probed\" }} else {{ record \"p{n}\" }} unknown {{ \"?\" }}\n"
        )),
        name.clone().prop_map(|n| format!(
            "wait until m{n} < 5s every 20s within 1m else {{ \"late\" }} unknown {{ \"?\" }}\n"
        )),
        (1..200u32).prop_map(|n| format!("wait {n}s\n")),
        name.clone()
            .prop_map(|n| format!("escalate to \"team{n}\" because \"m is high\" else {{ \"nobody\" }}\n")),
        name.clone().prop_map(|n| format!("check m{n} < 5s\n")),
        name.clone().prop_map(|n| format!(
            "escalate to \"team{n}\" acknowledged within 90s else {{ \"not acknowledged\" }}\n"
        )),
        Just("stop \"enough\"\n".to_owned()),
    ]
    .boxed();
    if depth == 0 {
        return leaf;
    }
    let block = move || proptest::collection::vec(statement(depth - 1), 1..3).prop_map(|all| all.concat());
    prop_oneof![
        6 => leaf,
        1 => (name, block()).prop_map(|(n, block)| format!("if m{n} < 5s {{\n{block}}} unknown {{ \"?\" }}\n")),
        2 => block().prop_map(|block| format!(
            "action `a1` {{\n{block}}} finally `f1`, `f2` undo `u1` else {{ \"a1 failed\" }}\n"
        )),
        1 => block().prop_map(|block| format!("for each x in [\"a\", \"b\"] up to 2 {{\n{block}}}\n")),
        1 => block().prop_map(|block| format!("repeat up to 2 times every 70s {{\n{block}}}\n")),
    ]
    .boxed()
}

/// The parts of a world, so that it can be made again.
#[derive(Debug, Clone)]
struct Scripted {
    metrics: Vec<Option<f64>>,
    later: Vec<Option<f64>>,
    fails: Vec<u8>,
    answers: Vec<bool>,
    dead: Vec<u8>,
}

fn scripted() -> impl Strategy<Value = Scripted> {
    let reading = || proptest::collection::vec(proptest::option::of(0.0..10.0), 4);
    let some = || proptest::collection::vec(0..4u8, 0..4);
    (reading(), reading(), some(), proptest::collection::vec(any::<bool>(), 0..6), some())
        .prop_map(|(metrics, later, fails, answers, dead)| Scripted { metrics, later, fails, answers, dead })
}

impl Scripted {
    fn world(&self) -> ScriptedWorld {
        let mut world = ScriptedWorld::new();
        for (n, (first, later)) in self.metrics.iter().zip(&self.later).enumerate() {
            if let Some(value) = first {
                world = world.reading(&format!("m{n}"), *value);
            }
            if let Some(value) = later {
                world = world.later(&format!("m{n}"), 50.0, *value);
            }
        }
        for n in &self.fails {
            world = world.fails(&format!("a{n}"), "no");
        }
        for (n, yes) in self.answers.iter().enumerate() {
            let question = format!("Is {} well?", n % 4);
            world = if *yes { world.yes(&question) } else { world.no(&question) };
            let approval = format!("dba: is this to be done? a{}", n % 4);
            world = if *yes { world.yes(&approval) } else { world.no(&approval) };
        }
        for n in &self.dead {
            world = world.undeliverable(&format!("team{n}"));
        }
        for n in &self.fails {
            world = world.acknowledges(&format!("team{n}"), f64::from(*n) * 40.0);
        }
        if self.dead.contains(&0) {
            world = world.fails("f1", "no");
        }
        world
    }
}

fn text(body: &str) -> String {
    let metrics: String = (0..4).map(|n| format!("metric m{n} in s from prometheus \"m{n}\"\n")).collect();
    format!("runbook \"R\"\nowner \"api-oncall\"\n{metrics}{body}")
}

/// Without the events that the journal itself adds for a run that was cut off.
fn of_the_program(events: &[Event]) -> Vec<&EventKind> {
    let own = |kind: &&EventKind| match kind {
        EventKind::Asked { prompt, .. } | EventKind::Answered { prompt, .. } => {
            prompt.starts_with("was it done?")
        }
        EventKind::Noted { text } => text.starts_with("cut off at"),
        _ => false,
    };
    events.iter().map(|event| &event.kind).filter(|kind| !own(kind)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_is_told_again_as_it_was_and_ends_the_same_wherever_it_is_cut_off(
        body in proptest::collection::vec(statement(2), 1..7),
        scripted in scripted(),
    ) {
        let text = text(&body.concat());
        prop_assume!(is_sound(&text));
        let begun = begun(&text);
        let store = Arc::new(Memory::new(rbl_world::clock::now));
        start(&store, &begun);
        let first = Shared::new(scripted.world());
        let whole = drive(&store, &begun, &first);
        prop_assert!(whole.stopped.is_none());

        let (told, events) = told_again(&begun, &whole.records);
        prop_assert_eq!(told.difference, None);
        prop_assert_eq!(&told.ended, &whole.ended);
        prop_assert_eq!(without_looks(&events), without_looks(&whole.events));

        let step = (whole.records.len() / 25).max(1);
        for length in (1..whole.records.len()).step_by(step) {
            let records = &whole.records[..length];
            let world = Shared::new(scripted.world());
            catch_up(&world, records);
            let store = cut(&begun, records);
            let turn = drive(&store, &begun, &world);
            prop_assert!(turn.stopped.is_none(), "cut behind {}: {:?}", length, turn.stopped);
            prop_assert_eq!(&turn.ended, &whole.ended, "cut behind {}", length);
            // Each effect of the run was done once by one of the two.
            let log: Vec<String> =
                world.log().into_iter().filter(|line| !line.starts_with("ask was it done?")).collect();
            let deeds = |log: Vec<String>| -> Vec<String> {
                log.into_iter().filter(|line| line.starts_with("act ") || line.starts_with("page ")).collect()
            };
            prop_assert_eq!(deeds(log), deeds(first.log()), "cut behind {}", length);
            // And its whole story is that of the uninterrupted run.
            let (told, events) = told_again(&begun, &turn.records);
            prop_assert_eq!(told.difference, None);
            let (told, whole) = (without_looks(&events), without_looks(&whole.events));
            prop_assert_eq!(of_the_program(&told), of_the_program(&whole), "cut behind {}", length);
        }
    }
}
