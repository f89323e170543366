//! Starting, reading, and the end.

use rbl_runtime::Outcome;
use rbl_runtime::journal::{Accepted, Claim, Filter, ParkedState, Release, RunState, StoreError, verify};

use super::super::runs::{at, batch, new_run, worker};
use super::{Bench, TTL, begun, is_fenced, seqs, taken};

pub(super) fn a_second_start_of_the_same_cause_is_the_first_run(bench: &dyn Bench) {
    let (store, other) = (bench.open(), bench.open());
    let mut first = new_run("a");
    first.dedupe = "alert-1".into();
    let mut second = new_run("b");
    second.dedupe = "alert-1".into();
    assert_eq!(store.start(&first).unwrap(), ("a".into(), true));
    assert_eq!(other.start(&second).unwrap(), ("a".into(), false));
    assert_eq!(store.start(&first).unwrap(), ("a".into(), false));
    assert_eq!(bench.look().list(&Filter::default()).unwrap().len(), 1);
    assert_eq!(bench.look().read("a").unwrap().0, [first.first]);
}

pub(super) fn two_causes_of_one_name_are_refused(bench: &dyn Bench) {
    let store = bench.open();
    store.start(&new_run("a")).unwrap();
    let mut other = new_run("a");
    other.dedupe = "another".into();
    assert!(matches!(store.start(&other), Err(StoreError::Corrupt(_))));
}

pub(super) fn a_run_that_nobody_started_is_told_by_name(bench: &dyn Bench) {
    let store = bench.open();
    let none = StoreError::NoSuchRun("x".into());
    let mut lease = begun(&*store, "a");
    lease.run = "x".into();
    assert_eq!(store.claim(&worker("w"), &Claim::Run("x".into()), TTL).unwrap_err(), none);
    assert_eq!(store.load(&lease, 0).unwrap_err(), none);
    assert_eq!(store.append(&mut lease.clone(), &batch(&lease, &["b"])).unwrap_err(), none);
    let stuck = Release::Stuck { why: "w".into() };
    assert_eq!(store.release(&mut lease.clone(), &[], &stuck).unwrap_err(), none);
    assert_eq!(store.signal("x", "1", "\"yes\"").unwrap_err(), none);
    assert_eq!(bench.look().read("x").unwrap_err(), none);
    assert_eq!(none.to_string(), "there is no run x");
}

pub(super) fn what_was_written_is_read_in_order_and_from_anywhere(bench: &dyn Bench) {
    let store = bench.open();
    let mut lease = begun(&*store, "a");
    let mut written = vec![new_run("a").first];
    for texts in [&["b", "c"][..], &["d"], &[], &["e", "f", "g"]] {
        let records = batch(&lease, texts);
        store.append(&mut lease, &records).unwrap();
        written.extend(records);
    }
    assert_eq!(lease.length, 7);
    assert_eq!(lease.last_hash, written[6].hash);
    verify(&written).unwrap();
    for from in 0..9 {
        let rest = written.get(from..).unwrap_or_default();
        assert_eq!(store.load(&lease, from as u64).unwrap().0, rest, "from {from}");
    }
    // Also for a reader, while a process holds it.
    assert_eq!(bench.look().read("a").unwrap().0, written);
    assert_eq!(seqs(&written), (0..7).collect::<Vec<u64>>());
}

pub(super) fn a_run_that_has_ended_never_changes(bench: &dyn Bench) {
    let store = bench.open();
    let mut lease = begun(&*store, "a");
    let old = lease.clone();
    let end = Release::Ended { outcome: Outcome::Resolved, message: "over".into() };
    store.release(&mut lease, &batch(&old, &["b"]), &end).unwrap();
    let before = (bench.look().read("a").unwrap(), bench.look().list(&Filter::default()).unwrap());

    assert_eq!(store.claim(&worker("w"), &Claim::Run("a".into()), TTL).unwrap(), []);
    assert_eq!(store.claim(&worker("w"), &Claim::Due(9), TTL).unwrap(), []);
    assert!(is_fenced(store.load(&lease, 0)));
    assert!(is_fenced(store.append(&mut lease.clone(), &batch(&lease, &["c"]))));
    let otherwise = Release::Ended { outcome: Outcome::Failed, message: "over".into() };
    assert!(is_fenced(store.release(&mut old.clone(), &batch(&old, &["b"]), &otherwise)));
    let parked =
        Release::Parked(ParkedState { until: None, waits_for: "x".into(), ..ParkedState::default() });
    assert!(is_fenced(store.release(&mut lease.clone(), &[], &parked)));
    assert_eq!(store.renew(&worker("w"), &[("a".into(), lease.epoch, 0)], TTL).unwrap().lost, ["a"]);
    assert_eq!(store.signal("a", "1", "\"yes\"").unwrap(), Accepted::Ended);
    assert_eq!(store.start(&new_run("a")).unwrap(), ("a".into(), false));

    let after = (bench.look().read("a").unwrap(), bench.look().list(&Filter::default()).unwrap());
    assert_eq!(before, after);
    let ended = RunState::Ended { outcome: Outcome::Resolved, message: "over".into() };
    assert_eq!(after.1[0].state, ended);
}

pub(super) fn lists_say_how_each_run_stands(bench: &dyn Bench) {
    let store = bench.open();
    let names = ["r-new", "r-driven", "r-waits", "r-over", "r-stuck"];
    for (index, name) in names.into_iter().enumerate() {
        let mut new = new_run(name);
        // The clock goes back while they begin: the newest is still the last.
        new.at = at(-60.0 * index as f64);
        if name == "r-over" {
            new.runbook = "Disk is Full".into();
        }
        store.start(&new).unwrap();
    }
    let _driven = taken(&*store, "r-driven");
    let release = |name: &str, how: &Release| store.release(&mut taken(&*store, name), &[], how).unwrap();
    let parked = Release::Parked(ParkedState {
        until: Some(at(0.0)),
        waits_for: "an answer: \"ok?\"".into(),
        ..ParkedState::default()
    });
    release("r-waits", &parked);
    release("r-over", &Release::Ended { outcome: Outcome::Escalated, message: "paged".into() });
    release("r-stuck", &Release::Stuck { why: "another program".into() });

    let list = |filter: Filter| bench.look().list(&filter).unwrap();
    let ids = |filter: Filter| list(filter).into_iter().map(|it| it.run.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(Filter::default()), ["r-stuck", "r-over", "r-waits", "r-driven", "r-new"]);
    let words: Vec<&str> = list(Filter::default()).iter().map(|it| it.state.word()).collect();
    assert_eq!(words, ["stuck", "escalated", "waiting", "running", "queued"]);
    for word in words {
        let filter = Filter { state: Some(word.into()), ..Filter::default() };
        assert_eq!(list(filter).len(), 1, "{word}");
    }
    let all = list(Filter::default());
    assert_eq!(
        all[2].state,
        RunState::Parked(ParkedState {
            until: Some(at(0.0)),
            waits_for: "an answer: \"ok?\"".into(),
            ..ParkedState::default()
        })
    );
    assert!(
        matches!(&all[3].state, RunState::Running { by } if by.starts_with("w, since 2")),
        "{:?}",
        all[3]
    );
    assert_eq!((all[4].length, all[4].changed, all[4].started), (1, at(0.0), at(0.0)));

    let of = |part: &str| ids(Filter { runbook: Some(part.into()), ..Filter::default() });
    assert_eq!(of("disk is"), ["r-over"]);
    assert_eq!(of("API.RB").len(), 5);
    assert_eq!(of("%"), [""; 0]);
    assert_eq!(ids(Filter { since: Some(at(-60.0)), ..Filter::default() }), ["r-driven", "r-new"]);
    assert_eq!(ids(Filter { limit: Some(2), ..Filter::default() }), ["r-stuck", "r-over"]);

    let find = |beginning: &str, limit: usize| {
        let found = bench.look().find(beginning, limit).unwrap();
        found.into_iter().map(|it| it.run.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(find("r-s", 9), ["r-stuck"]);
    assert_eq!(find("r-", 2), ["r-stuck", "r-over"]);
    assert_eq!(find("", 9).len(), 5);
    assert_eq!(find("R-", 9), [""; 0]);
    assert_eq!(find("_", 9), [""; 0]);
    assert_eq!(find("%", 9), [""; 0]);

    // One that waits for a worker says how many began before it and wait too.
    store.start(&new_run("r-newer")).unwrap();
    let queued = list(Filter { state: Some("queued".into()), ..Filter::default() });
    let ahead: Vec<&RunState> = queued.iter().map(|it| &it.state).collect();
    assert_eq!(ahead, [&RunState::Queued { ahead: 1 }, &RunState::Queued { ahead: 0 }]);

    bench.die(store);
    let running = Filter { state: Some("running".into()), ..Filter::default() };
    assert_eq!(ids(running), [""; 0], "its process died");
}
