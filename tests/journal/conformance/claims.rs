//! Which process holds which run, and when.

use std::time::{Duration, Instant};

use rbl_runtime::Outcome;
use rbl_runtime::journal::{
    Claim, Lease, NotedWork, ParkedState, Release, RemoteExecution, StartedProcess, Store, StoreError,
};
use rbl_syntax::value::Time;

use super::super::runs::{batch, new_run, worker};
use super::{Bench, TTL, begun, is_fenced, taken};

fn due(store: &dyn Store, most: usize) -> Vec<String> {
    let leases = store.claim(&worker("w"), &Claim::Due(most), TTL).unwrap();
    leases.into_iter().map(|lease| lease.run.to_string()).collect()
}

fn soon(seconds: f64) -> Time {
    Time(jiff::Timestamp::now()).plus(seconds).unwrap()
}

fn park(store: &dyn Store, lease: &mut Lease, until: Option<Time>) {
    store
        .release(
            lease,
            &[],
            &Release::Parked(ParkedState { until, waits_for: "x".into(), ..ParkedState::default() }),
        )
        .unwrap();
}

pub(super) fn one_lease_a_run(bench: &dyn Bench) {
    let (store, other) = (bench.open(), bench.open());
    let lease = begun(&*store, "a");
    let refused = other.claim(&worker("v"), &Claim::Run("a".into()), TTL).unwrap_err();
    let StoreError::Fenced { by: Some(by) } = &refused else { panic!("{refused:?}") };
    assert!(by.starts_with("w, since 20") && by.ends_with('Z'), "{by}");
    assert!(refused.to_string().starts_with("another process holds this run: w, since 20"));
    assert!(is_fenced(store.claim(&worker("w"), &Claim::Run("a".into()), TTL)), "not even whoever has it");
    assert_eq!(due(&*other, 9), [""; 0]);
    assert_eq!(store.load(&lease, 0).unwrap().0.len(), 1);
}

pub(super) fn a_run_that_is_started_to_be_held_is_due_for_nobody(bench: &dyn Bench) {
    let (store, other) = (bench.open(), bench.open());
    let (run, lease) = store.start_held(&new_run("a"), &worker("w"), TTL).unwrap();
    let mut lease = lease.unwrap();
    assert_eq!((run.as_str(), lease.run.as_str(), lease.epoch, lease.length), ("a", "a", 1, 1));
    assert_eq!(due(&*other, 9), [""; 0]);
    assert!(is_fenced(other.claim(&worker("v"), &Claim::Run("a".into()), TTL)));
    let records = batch(&lease, &["x"]);
    store.append(&mut lease, &records).unwrap();
    // The same cause again is the same run, and gives nobody a lease.
    assert_eq!(other.start_held(&new_run("a"), &worker("v"), TTL).unwrap(), ("a".into(), None));
    park(&*store, &mut lease, Some(soon(-1.0)));
    assert_eq!(due(&*other, 9), ["a"]);
    // If its process dies, it is due at once.
    store.start_held(&new_run("b"), &worker("w"), TTL).unwrap().1.unwrap();
    let expires = store.leases_expire();
    bench.die(store);
    assert!(due(&*other, 9).contains(&"b".to_owned()), "leases expire: {expires}");
}

pub(super) fn each_claim_is_one_epoch_more(bench: &dyn Bench) {
    let store = bench.open();
    let mut lease = begun(&*store, "a");
    for epoch in 1..5 {
        assert_eq!(lease.epoch, epoch);
        let records = batch(&lease, &["x"]);
        assert_eq!(records[0].epoch, epoch);
        store.append(&mut lease, &records).unwrap();
        park(&*store, &mut lease, None);
        let next = taken(&*store, "a");
        assert_eq!((next.length, &next.last_hash), (lease.length, &lease.last_hash));
        lease = next;
    }
}

pub(super) fn who_is_left_behind_comes_first(bench: &dyn Bench) {
    let (store, other) = (bench.open(), bench.open());
    for name in ["a", "b", "c"] {
        other.start(&new_run(name)).unwrap();
    }
    begun(&*store, "left");
    assert!(store.start(&new_run("d")).unwrap().1);
    bench.die(store);
    assert_eq!(due(&*other, 2), ["left", "a"]);
    assert_eq!(due(&*other, 9), ["b", "c", "d"]);
}

pub(super) fn no_more_than_asked_for(bench: &dyn Bench) {
    let store = bench.open();
    for name in ["a", "b", "c"] {
        store.start(&new_run(name)).unwrap();
    }
    assert_eq!(due(&*store, 0), [""; 0]);
    assert_eq!(due(&*store, 2), ["a", "b"]);
    assert_eq!(due(&*store, 2), ["c"]);
    assert_eq!(due(&*store, 2), [""; 0]);
}

pub(super) fn a_parked_run_is_due_when_its_time_has_come(bench: &dyn Bench) {
    let store = bench.open();
    park(&*store, &mut begun(&*store, "b"), None);
    // On a busy machine the time may come before anybody looks: then another run gets more of it.
    let early = |seconds: f64| {
        let (timed, over) = (format!("a{seconds}"), format!("c{seconds}"));
        let (mut first, mut second) = (begun(&*store, &timed), begun(&*store, &over));
        let time = soon(seconds);
        park(&*store, &mut first, Some(time));
        park(&*store, &mut second, Some(soon(-60.0)));
        let claimed = due(&*store, 9);
        if soon(0.0) >= time {
            // It is due by the next millisecond, if it was not claimed already: the next round finds nothing of it.
            std::thread::sleep(Duration::from_millis(2));
            due(&*store, 9);
            return None;
        }
        assert_eq!(claimed, [over]);
        Some((timed, time))
    };
    let (timed, time) = [0.15, 1.0, 5.0, 30.0].into_iter().find_map(early).unwrap();
    while due(&*store, 9) != [timed.as_str()] {
        assert!(soon(0.0) < time.plus(60.0).unwrap(), "it never was due");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(soon(0.0) >= time, "never before its time");
    assert_eq!(due(&*store, 9), [""; 0], "an answer does not come by itself");
    // By its name it can be claimed at any time.
    assert_eq!(taken(&*store, "b").epoch, 2);
}

pub(super) fn a_stuck_run_is_taken_by_name_only(bench: &dyn Bench) {
    let store = bench.open();
    let mut lease = begun(&*store, "a");
    store.release(&mut lease, &[], &Release::Stuck { why: "it does not fit".into() }).unwrap();
    assert_eq!(due(&*store, 9), [""; 0]);
    assert_eq!(taken(&*store, "a").epoch, 2);
}

pub(super) fn renewing_says_what_is_lost(bench: &dyn Bench) {
    let (store, other) = (bench.open(), bench.open());
    let (one, mut two) = (begun(&*store, "a"), begun(&*store, "b"));
    let held = [("a".into(), one.epoch, 0), ("b".into(), two.epoch, 0)];
    assert_eq!(store.renew(&worker("w"), &held, TTL).unwrap().lost, [""; 0]);
    assert_eq!(store.renew(&worker("somebody"), &held, TTL).unwrap().lost, ["a", "b"]);
    // When renewed, it lasts longer than its first time.
    for _ in 0..4 {
        bench.pass(TTL / 3);
        assert_eq!(store.renew(&worker("w"), &held, TTL).unwrap().lost, [""; 0]);
        assert!(is_fenced(other.claim(&worker("v"), &Claim::Run("a".into()), TTL)));
    }
    park(&*store, &mut two, None);
    assert_eq!(store.renew(&worker("w"), &held, TTL).unwrap().lost, ["b"]);
    bench.die(store);
    taken(&*other, "a");
    assert_eq!(other.renew(&worker("w"), &held[..1], TTL).unwrap().lost, ["a"], "another epoch");
}

pub(super) fn idle_returns_when_something_is_due(bench: &dyn Bench) {
    let (store, other) = (bench.open(), bench.open());
    let begun_at = Instant::now();
    store.idle(Duration::from_millis(150)).unwrap();
    assert!(begun_at.elapsed() >= Duration::from_millis(150), "nothing was due");
    let mut lease = begun(&*store, "a");
    let begun_at = Instant::now();
    store.idle(Duration::from_millis(150)).unwrap();
    assert!(begun_at.elapsed() >= Duration::from_millis(150), "what is driven is not due");
    park(&*store, &mut lease, None);
    let longest = Duration::from_secs(20);
    std::thread::scope(|scope| {
        let begun_at = Instant::now();
        let waits = scope.spawn(|| store.idle(longest).unwrap());
        std::thread::sleep(Duration::from_millis(50));
        other.signal("a", "1", "\"yes\"").unwrap();
        waits.join().unwrap();
        assert!(begun_at.elapsed() < longest);
    });
}

pub(super) fn a_noted_process_outlives_its_holder(bench: &dyn Bench) {
    let (store, other) = (bench.open(), bench.open());
    let mut lease = begun(&*store, "a");
    assert_eq!(store.noted_process(&lease).unwrap(), None);
    let process = StartedProcess {
        key: "a/0.1".into(),
        pid: 4711,
        started: 90_210,
        machine: "this one".into(),
        ends_alone: false,
    };
    let first = NotedWork::Process(process.clone());
    // A shorter one behind a longer one: nothing of that is left.
    store
        .note_process(
            &lease,
            Some(&NotedWork::Process(StartedProcess { key: "a/0.0".repeat(100), ..process.clone() })),
        )
        .unwrap();
    store.note_process(&lease, Some(&first)).unwrap();
    park(&*store, &mut lease, None);
    let lease = taken(&*store, "a");
    assert_eq!(store.noted_process(&lease).unwrap().as_ref(), Some(&first));
    bench.die(store);
    let mut next = taken(&*other, "a");
    assert_eq!(other.noted_process(&next).unwrap().as_ref(), Some(&first));
    assert!(is_fenced(other.note_process(&lease, None)), "the turn before is over");
    other.note_process(&next, None).unwrap();
    assert_eq!(other.noted_process(&next).unwrap(), None);
    let remote = NotedWork::Remote(RemoteExecution {
        key: "a/0.2".into(),
        attempt: 1,
        executor: "ssm".into(),
        remote: "9d32a4fc-f944-11e6-4105-0a1b2c3d4e5f".into(),
    });
    other.note_process(&next, Some(&remote)).unwrap();
    assert_eq!(other.noted_process(&next).unwrap(), Some(remote));
    other.note_process(&next, Some(&first)).unwrap();
    // Another run has another note.
    assert_eq!(other.noted_process(&begun(&*other, "b")).unwrap(), None);
    let over = Release::Ended { outcome: Outcome::Resolved, message: "over".into() };
    other.release(&mut next, &[], &over).unwrap();
    assert!(is_fenced(other.note_process(&next, Some(&first))));
}
