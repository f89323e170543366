//! Polls that decide nothing cost nothing that adds up: neither records nor the time to wake.

use std::sync::Arc;

use rbl_runtime::journal::{
    Claim, Entry, JournalEvent, JournalRecord, Memory, Options, ParkedState, PollState, RunQuery, RunState,
    Store, Worker, covered,
};
use rbl_runtime::{EventKind, Outcome, Parked};
use rbl_store::{Sqlite, SqliteReader};

use super::bench::{Shared, Turn, begun, drive, drive_in, drive_with, start, start_at, told_again};
use super::scripted_world::ScriptedWorld;

const HEAD: &str = "runbook \"R\"\nowner \"api-oncall\"\nmetric p99 in s from prometheus \"p99\"\n";

fn parks(options: Options) -> Options {
    Options { parks_sleeps: true, ..options }
}

/// The records of the only wait: from its begin to its end, both included.
fn of_the_wait(records: &[JournalRecord]) -> &[JournalRecord] {
    let at = |kind: &str| records.iter().position(|it| it.data.starts_with(kind)).unwrap();
    &records[at("{\"type\":\"waiting\"")..=at("{\"type\":\"wait_ended\"")]
}

#[test]
fn ten_minutes_of_polls_every_second_are_ten_records() {
    let text = format!("{HEAD}wait until p99 < 5s within 15m every 1s else {{ \"late\" }}\n");
    let begun = begun(&text);
    let store = Arc::new(Memory::new(rbl_world::clock::now));
    start(&store, &begun);
    let world = Shared::new(ScriptedWorld::new().reading("p99", 9.0).later("p99", 600.0, 1.0));
    // Driving it replays it too, and compares every event that is recorded.
    let turn = drive(&store, &begun, &world);
    assert_eq!(turn.ended.outcome, Outcome::Resolved);
    let polls = turn.events.iter().filter(|it| matches!(it.kind, EventKind::Polled { .. })).count();
    assert!(polls > 590, "{polls} polls were shown");
    let wait = of_the_wait(&turn.records);
    assert!(wait.len() <= 10, "{}: {wait:#?}", wait.len());
    let Some(EventKind::WaitEnded { elapsed, .. }) =
        turn.events.iter().map(|it| it.kind.clone()).find(|it| matches!(it, EventKind::WaitEnded { .. }))
    else {
        panic!("it did not end")
    };
    assert!((599.0..=602.0).contains(&elapsed), "{elapsed}");
}

#[test]
fn each_change_of_the_verdict_is_recorded() {
    let text = format!(
        "{HEAD}wait until p99 < 5s for 30s within 15m every 1s else {{ \"late\" }} unknown {{ \"?\" }}\n"
    );
    let begun = begun(&text);
    let store = Arc::new(Memory::new(rbl_world::clock::now));
    start(&store, &begun);
    let world = ScriptedWorld::new().reading("p99", 9.0).later("p99", 60.0, 1.0).later("p99", 70.0, 9.0);
    let turn = drive(&store, &begun, &Shared::new(world.later("p99", 120.0, 1.0)));
    assert_eq!(turn.ended.outcome, Outcome::Resolved);
    let verdicts: Vec<String> = of_the_wait(&turn.records)
        .iter()
        .filter_map(|record| match record.entry().unwrap() {
            Entry::Event(event) => match event.kind {
                EventKind::Polled { decision, elapsed, .. } => {
                    Some(format!("{:?} after {elapsed}", decision.verdict))
                }
                _ => None,
            },
            Entry::Own(_) => None,
        })
        .collect();
    assert_eq!(verdicts, ["No after 0", "Yes after 60", "No after 70", "Yes after 120", "Yes after 150"]);
    // Cut off in the middle, it goes on from the last change.
    let (replayed, _) = told_again(&begun, &turn.records);
    assert_eq!(replayed.difference, None);
}

/// Wakes the run when its next poll is due.
fn wake(store: &Arc<Memory>, begun: &rbl_runtime::journal::Begun, world: &Shared) -> Turn {
    let summary = store.list(&rbl_runtime::journal::Filter::default()).unwrap().remove(0);
    if let RunState::Parked(ParkedState { until: Some(until), .. }) = summary.state {
        let now = until.since(ScriptedWorld::start()).base;
        world.world.borrow_mut().clock = now;
    }
    drive_with(store, begun, world, parks)
}

#[test]
fn waking_for_a_poll_appends_nothing_and_moves_what_is_due() {
    let text = format!("{HEAD}wait until p99 < 5s within 2h every 1m else {{ \"late\" }}\n");
    let begun = begun(&text);
    let store = Arc::new(Memory::new(rbl_world::clock::now));
    start(&store, &begun);
    let world = Shared::new(ScriptedWorld::new().reading("p99", 9.0).later("p99", 3_000.0, 1.0));
    let first = drive_with(&store, &begun, &world, parks);
    let mark = first.records.iter().find(|it| it.data.starts_with("{\"type\":\"mark\"")).unwrap();
    assert!(covered(&mark.data).is_some_and(|(_, to)| to == mark.seq), "{mark:?}");
    for number in 2..=40 {
        let turn = wake(&store, &begun, &world);
        assert_eq!(turn.records, first.records, "poll {number}");
        let summary = store.list(&rbl_runtime::journal::Filter::default()).unwrap().remove(0);
        let RunState::Parked(ParkedState { until, progress: Some(progress), .. }) = summary.state else {
            panic!("{:?}", summary.state)
        };
        let PollState { wait, at, until: next, .. } = progress;
        assert_eq!((wait.polls, wait.readings.as_str(), Some(next)), (number, "p99 = 9s", until));
        assert_eq!(Some(next), at.plus(60.0));
    }
    let mut last = wake(&store, &begun, &world);
    while last.ended.outcome == Outcome::Waiting {
        last = wake(&store, &begun, &world);
    }
    assert_eq!(last.ended.outcome, Outcome::Resolved);
    assert!(last.records.len() <= first.records.len() + 8, "{:#?}", last.records);
}

/// A verdict that changes at every poll: each change is recorded, and waking reads a few records all the same.
#[test]
fn a_verdict_that_flaps_wakes_as_fast_at_the_end() {
    let text = format!(
        "{HEAD}wait until p99 < 5s for 5m within 12h every 1m else {{ \"late\" }}\naction `a`\nwait 2m\naction `b`\n"
    );
    let begun = begun(&text);
    let store = Arc::new(Memory::new(rbl_world::clock::now));
    start(&store, &begun);
    let mut scripted = ScriptedWorld::new().reading("p99", 9.0);
    for minute in 1..60 {
        scripted = scripted.later("p99", f64::from(minute) * 60.0, if minute % 2 == 0 { 9.0 } else { 1.0 });
    }
    let world = Shared::new(scripted);
    let mut turn = drive_with(&store, &begun, &world, parks);
    let loaded = |store: &Arc<Memory>| {
        let state = store.list(&rbl_runtime::journal::Filter::default()).unwrap().remove(0).state;
        let RunState::Parked(state) = state else { panic!("{state:?}") };
        let (worker, claim) = (Worker { name: "look".into() }, Claim::Run("r1".into()));
        let mut lease = store.claim(&worker, &claim, std::time::Duration::ZERO).unwrap().remove(0);
        let length = store.load(&lease, 0).unwrap().0.len();
        store.release(&mut lease, &[], &rbl_runtime::journal::Release::Parked(state)).unwrap();
        length
    };
    let at_first = loaded(&store);
    while turn.ended.parked.is_some() && !world.log().iter().any(|line| line == "act a") {
        assert!(loaded(&store) <= at_first + 2, "{} of {}", loaded(&store), turn.records.len());
        turn = wake(&store, &begun, &world);
    }
    assert!(turn.records.len() > 60 * 5, "only {} records", turn.records.len());
    // Behind the wait, what it covers is left out too.
    assert!(loaded(&store) <= at_first + 20, "{}", loaded(&store));
    let last = wake(&store, &begun, &world);
    assert_eq!(last.ended.outcome, Outcome::Resolved);
    let deeds: Vec<String> = world.log().into_iter().filter(|it| it.starts_with("act ")).collect();
    assert_eq!(deeds, ["act a", "act b"]);
}

/// A question in the condition is asked at each poll; its answers are part of the story, so that nothing is left out.
#[test]
fn a_condition_that_asks_a_person_keeps_every_record() {
    let text =
        format!("{HEAD}wait until \"Is it well?\" within 1h every 1m else {{ \"late\" }}\nstop \"over\"\n");
    let begun = begun(&text);
    let store = Arc::new(Memory::new(rbl_world::clock::now));
    start(&store, &begun);
    let world = Shared::new(
        ScriptedWorld::new().no("Is it well?").no("Is it well?").no("Is it well?").yes("Is it well?"),
    );
    let mut turn = drive_with(&store, &begun, &world, parks);
    while turn.ended.outcome == Outcome::Waiting {
        turn = wake(&store, &begun, &world);
    }
    assert!(!turn.records.iter().any(|it| it.data.starts_with("{\"type\":\"mark\"")));
    let page = turn.records.iter().find(|it| it.data.contains("\"effect\":\"page\"")).unwrap();
    assert_eq!(page.data.matches("asked \\\"Is it well?\\\"").count(), 4, "{}", page.data);
}

/// The store reads neither the records that a mark covers nor believes a mark that was moved.
#[test]
fn what_a_mark_covers_is_neither_read_nor_lost() {
    let text = format!("{HEAD}wait until p99 < 5s within 2h every 1m else {{ \"late\" }}\naction `a`\n");
    let begun = begun(&text);
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Arc::new(Sqlite::open(folder.path()).unwrap());
    let store: Arc<dyn Store> = Arc::<Sqlite>::clone(&sqlite);
    start_at(&*store, &begun, ScriptedWorld::start());
    let world = Shared::new(ScriptedWorld::new().reading("p99", 9.0).later("p99", 200.0, 1.0));
    let (ended, _, stopped) = drive_in(&store, &begun, &world, parks);
    assert_eq!(
        (ended.parked, stopped),
        (Some(Parked::Until(ScriptedWorld::start().plus(60.0).unwrap())), None)
    );
    let whole = SqliteReader::open(folder.path()).unwrap().read("r1").unwrap().0;
    let (first, behind) = whole.iter().find_map(|it| covered(&it.data)).unwrap();
    let worker = Worker { name: "look".into() };
    let load = |store: &Arc<dyn Store>| {
        let lease =
            store.claim(&worker, &Claim::Run("r1".into()), std::time::Duration::ZERO).unwrap().remove(0);
        (lease.clone(), store.load(&lease, 0))
    };
    let (mut lease, loaded) = load(&store);
    let seqs: Vec<u64> = loaded.unwrap().0.iter().map(|it| it.seq).collect();
    let expected: Vec<u64> = (0..first).chain(behind..whole.len() as u64).collect();
    assert_eq!(seqs, expected);
    let how = rbl_runtime::journal::Release::Parked(ParkedState::default());
    store.release(&mut lease, &[], &how).unwrap();
    let tables = rusqlite::Connection::open(Sqlite::file(folder.path())).unwrap();
    tables.execute("UPDATE covered SET behind = behind + 1", []).unwrap();
    let (mut lease, refused) = load(&store);
    assert!(refused.unwrap_err().to_string().contains("is not the mark that it should be"));
    store.release(&mut lease, &[], &how).unwrap();
    tables.execute("UPDATE covered SET behind = behind - 1", []).unwrap();
    world.later(300.0);
    let (ended, _, stopped) = drive_in(&store, &begun, &world, parks);
    assert_eq!((ended.outcome, stopped), (Outcome::Resolved, None));
    assert_eq!(world.log().last().map(String::as_str), Some("act a"));
    let records = SqliteReader::open(folder.path()).unwrap().read("r1").unwrap().0;
    rbl_runtime::journal::verify(&records).unwrap();
    let (replayed, _) = told_again(&begun, &records);
    assert_eq!((replayed.difference, replayed.ended.outcome), (None, Outcome::Resolved));
}

/// A wait in a loop is left at its own pass.
#[test]
fn a_mark_belongs_to_its_pass() {
    let text = format!(
        "{HEAD}for each x in [\"a\", \"b\"] up to 2 {{\n  wait until p99 < 5s within 1h every 1m else {{ \"late\" }}\n  \
         action `do #{{x}}`\n  wait 3m\n}}\n"
    );
    let begun = begun(&text);
    let store = Arc::new(Memory::new(rbl_world::clock::now));
    start(&store, &begun);
    let world = ScriptedWorld::new().reading("p99", 9.0).later("p99", 130.0, 1.0).later("p99", 200.0, 9.0);
    let world = Shared::new(world.later("p99", 600.0, 1.0));
    let mut turn = drive_with(&store, &begun, &world, parks);
    while turn.ended.outcome == Outcome::Waiting {
        turn = wake(&store, &begun, &world);
    }
    let paths: Vec<Vec<u32>> = turn
        .records
        .iter()
        .filter_map(|it| match it.entry().unwrap() {
            Entry::Own(JournalEvent::Mark(mark)) => Some(mark.site.path),
            _ => None,
        })
        .collect();
    assert_eq!(paths, [vec![1], vec![2]]);
    let deeds: Vec<String> = world.log().into_iter().filter(|it| it.starts_with("act ")).collect();
    assert_eq!((deeds, turn.ended.outcome), (vec!["act do a".into(), "act do b".into()], Outcome::Resolved));
}
