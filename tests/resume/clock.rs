//! A clock that was set back between two turns: a wait is no longer than written, a question is open no longer than
//! its `within`, and the record stays valid.

use std::sync::Arc;

use rbl_runtime::journal::{Options, Store};
use rbl_runtime::{Effect, Outcome};
use rbl_store::Sqlite;
use rbl_syntax::value::Time;

use super::bench::{Shared, begun, catch_up, cut, drive, drive_in, start, start_at};
use super::scripted_world::ScriptedWorld;
use crate::cli::shell::Shell;

const HEAD: &str = "runbook \"R\"\nowner \"api-oncall\"\n";
const TWO_HOURS: f64 = 7_200.0;

fn now() -> Time {
    Time(jiff::Timestamp::now())
}

/// A run in the journal of this shell that was parked by a machine whose clock was two hours ahead.
fn parked_ahead(shell: &Shell, text: &str) {
    let text = format!("{HEAD}{text}");
    shell.write("a.rb", &text);
    let mut begun = begun(&text);
    begun.sources[0].name = "a.rb".into();
    begun.sources[0].identity = shell.path().join("a.rb").to_string_lossy().as_ref().into();
    let mut world = Shared::new(ScriptedWorld::new());
    world.absent = true;
    world.later(now().since(ScriptedWorld::start()).base + TWO_HOURS);
    let store: Arc<dyn Store> = Arc::new(Sqlite::open(&shell.state().join("rbl")).unwrap());
    start_at(&*store, &begun, now().plus(TWO_HOURS).unwrap());
    let (ended, _, stopped) =
        drive_in(&store, &begun, &world, |options| Options { parks_sleeps: true, ..options });
    assert_eq!((ended.outcome, stopped), (Outcome::Waiting, None));
}

/// Seconds from now until the only run continues.
fn left(shell: &Shell) -> f64 {
    let runs = shell.rbl("runs --format json").code(0).json();
    Time::parse(runs[0]["until"].as_str().unwrap()).unwrap().since(now()).base
}

#[test]
fn a_wait_is_counted_anew_and_is_no_longer_than_it_is_written() {
    let shell = Shell::new();
    parked_ahead(&shell, "wait 10m\naction `echo x >> done`\n");
    assert!(left(&shell) > TWO_HOURS, "{}", left(&shell));
    let resumed = shell.rbl("resume last --no-input").code(5);
    assert!(
        resumed.err.contains("the clock is 2h") && resumed.err.contains("a wait is counted again from now"),
        "{resumed:?}"
    );
    assert!((540.0..=600.0).contains(&left(&shell)), "{}", left(&shell));
    // It is not shortened either, nor restarted each time.
    let before = shell.rbl("runs --format json").json()[0]["until"].clone();
    let again = shell.rbl("resume last --no-input").code(5);
    assert!(again.err.contains("waits until") && !again.err.contains("the clock"), "{again:?}");
    assert_eq!(shell.rbl("runs --format json").json()[0]["until"], before);
    assert!(!shell.path().join("done").exists());
    shell.rbl("show last --verify").code(0);
    shell.rbl("show last").code(0);
}

#[test]
fn a_question_stays_open_and_its_answer_counts() {
    let shell = Shell::new();
    parked_ahead(
        &shell,
        "check \"Is it well?\" within 30m else { stop \"no\" } unknown { stop \"nobody\" }\naction `echo x >> done`\n",
    );
    let resumed = shell.rbl("resume last --no-input").code(5);
    assert!(resumed.err.contains("the clock is 2h"), "{resumed:?}");
    let told = shell.rbl("answer last yes --no-input").code(0);
    assert!(!told.out.contains("after it was asked") && !told.out.contains("nobody"), "{told:?}");
    assert_eq!(std::fs::read_to_string(shell.path().join("done")).unwrap(), "x\n");
    let whole = shell.rbl("show last --verify").code(0);
    assert!(whole.out.contains("is intact"), "{whole:?}");
    shell.rbl("replay last").code(0);
}

#[test]
fn what_is_left_is_never_more_than_was_written() {
    let text = format!("{HEAD}wait 30s\ncheck \"Is it well?\" within 30m else {{ stop \"no\" }}\n");
    let begun = begun(&text);
    let store = Arc::new(rbl_runtime::journal::Memory::new());
    start(&store, &begun);
    let scripted = || ScriptedWorld::new().yes("Is it well?");
    let whole = drive(&store, &begun, &Shared::new(scripted()));
    for (cut_at, rest) in [("\"effect\":\"sleep\"", 30.0), ("\"effect\":\"ask\"", 1_800.0)] {
        let begins = |data: &str| data.starts_with("{\"type\":\"intent\"") && data.contains(cut_at);
        let at = whole.records.iter().position(|record| begins(&record.data)).unwrap();
        let records = &whole.records[..=at];
        let world = Shared::new(scripted());
        catch_up(&world, records);
        let before = world.world.borrow().effects.len();
        // The clock is set back by an hour, and the run is resumed.
        world.later(-3_600.0);
        let turn = drive(&cut(&begun, records), &begun, &world);
        assert_eq!(turn.ended.outcome, Outcome::Resolved);
        let effects = world.world.borrow().effects[before..].to_vec();
        let first = effects.iter().find_map(|effect| match effect {
            Effect::Sleep(sleep) => Some(sleep.seconds),
            Effect::Ask(ask) => Some(ask.within),
            _ => None,
        });
        assert_eq!(first, Some(rest), "{cut_at}: {effects:?}");
    }
}
