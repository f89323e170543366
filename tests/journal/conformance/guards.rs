//! Guards of an append: locks, counts, closed questions.

use rbl_runtime::Outcome;
use rbl_runtime::journal::{
    AppendGuard, Appended, Claim, GuardRefusal, Lease, LockRefusal, ParkedState, Release, RunState,
    StartOutcome, Store, TakeLock, Tally, TallyReached, WaitsOn,
};
use rbl_syntax::value::Time;

use super::super::runs::{at, batch, new_run, patiently, worker};
use super::{Bench, TTL, begun, taken};

/// A lock that one run at a time can hold.
pub(super) fn lock(name: &str) -> TakeLock {
    TakeLock {
        name: TakeLock::of_lock(name),
        key: String::new(),
        slots: 1,
        queues: true,
        until: Some(at(3.2e9)),
    }
}

fn parked(until: Option<Time>) -> Release {
    Release::Parked(ParkedState { until, on: WaitsOn::Lock, waits_for: "the lock".into(), progress: None })
}

pub(super) fn end(store: &dyn Store, lease: &mut Lease) {
    let how = Release::Ended { outcome: Outcome::Resolved, message: String::new() };
    patiently(|| store.release(lease, &[], &how));
}

/// Takes the lock, with a record; who holds it where that is not possible.
fn take(store: &dyn Store, lease: &mut Lease, lock: &TakeLock) -> Result<(), LockRefusal> {
    let records = batch(lease, &["the lock is taken"]);
    match store.append_guarded(lease, &records, &[AppendGuard::TakeLock(lock.clone())]).unwrap() {
        Appended::Written => Ok(()),
        Appended::Refused(GuardRefusal::Locked(refusal)) => Err(refusal),
        Appended::Refused(other) => panic!("{other:?}"),
    }
}

fn holders(refused: Result<(), LockRefusal>) -> Vec<String> {
    refused.unwrap_err().holders.iter().map(|it| it.run.to_string()).collect()
}

fn tally(id: &str, most: u32, window: f64) -> Tally {
    Tally { key: "restart db-1".into(), id: id.into(), most: Some(most), window }
}

pub(super) fn nothing_is_written_where_a_guard_does_not_hold(bench: &dyn Bench) {
    let store = bench.open();
    let (mut a, mut b) = (begun(&*store, "a"), begun(&*store, "b"));
    take(&*store, &mut a, &lock("db")).unwrap();
    let (before, records) = (b.clone(), batch(&b, &["x"]));
    // The count holds, the lock does not: nothing is counted either.
    let guards = [AppendGuard::Count(tally("b", 1, 60.0)), AppendGuard::TakeLock(lock("db"))];
    let refused = store.append_guarded(&mut b, &records, &guards).unwrap();
    assert!(matches!(refused, Appended::Refused(GuardRefusal::Locked(_))), "{refused:?}");
    assert_eq!(b, before);
    assert_eq!(bench.look().read("b").unwrap().0.len(), 1);
    let count = [AppendGuard::Count(tally("c", 1, 60.0))];
    assert_eq!(store.append_guarded(&mut b, &records, &count).unwrap(), Appended::Written);
    assert_eq!(bench.look().read("b").unwrap().0.len(), 2);
    // The same call again is the same one, though its count is reached now.
    let mut again = before;
    assert_eq!(store.append_guarded(&mut again, &records, &count).unwrap(), Appended::Written);
    assert_eq!(again, b);
}

pub(super) fn a_lock_is_held_until_the_run_has_ended(bench: &dyn Bench) {
    let (store, other) = (bench.open(), bench.open());
    let (mut a, mut b) = (begun(&*store, "a"), begun(&*other, "b"));
    take(&*store, &mut a, &lock("db")).unwrap();
    take(&*store, &mut a, &lock("db")).unwrap();
    take(&*store, &mut a, &lock("disk")).unwrap();
    let refused = take(&*other, &mut b, &lock("db")).unwrap_err();
    assert_eq!((refused.name.as_str(), refused.ahead), ("lock db", 0));
    assert_eq!(refused.holders[0].runbook, new_run("a").runbook);
    assert!(matches!(refused.holders[0].state, RunState::Running { .. }), "{refused:?}");
    let summary = || bench.look().find("a", 1).unwrap().remove(0);
    assert_eq!(summary().identity, "/srv/api.rb", "so that patterns for runbooks are known to mean it");
    assert_eq!(summary().locks, ["db", "disk"]);
    assert_eq!(bench.look().lock_holders("db").unwrap()[0].run, "a");
    // Parked, it keeps them.
    let how = parked(Some(at(3.2e9)));
    store.release(&mut a, &[], &how).unwrap();
    let refused = take(&*other, &mut b, &lock("db")).unwrap_err();
    assert!(matches!(refused.holders[0].state, RunState::Parked(_)), "{refused:?}");
    end(&*store, &mut taken(&*store, "a"));
    assert_eq!(summary().locks, [""; 0]);
    take(&*other, &mut b, &lock("db")).unwrap();
    take(&*other, &mut b, &lock("disk")).unwrap();
    assert_eq!(bench.look().lock_holders("db").unwrap()[0].run, "b");
}

pub(super) fn first_come_first_served(bench: &dyn Bench) {
    let store = bench.open();
    let (mut a, mut b, mut c) = (begun(&*store, "a"), begun(&*store, "b"), begun(&*store, "c"));
    take(&*store, &mut a, &lock("db")).unwrap();
    assert_eq!(holders(take(&*store, &mut b, &lock("db"))), ["a"]);
    assert_eq!(take(&*store, &mut c, &lock("db")).unwrap_err().ahead, 1);
    assert_eq!(take(&*store, &mut b, &lock("db")).unwrap_err().ahead, 0, "asking again keeps the place");
    // A parked run is woken when it is its turn, and nobody passes it then.
    store.release(&mut b, &[], &parked(None)).unwrap();
    assert_eq!(store.claim(&worker("w"), &Claim::Due(9), TTL).unwrap(), []);
    end(&*store, &mut a);
    assert_eq!(take(&*store, &mut c, &lock("db")).unwrap_err().ahead, 1, "it is the turn of b");
    let mut woken = store.claim(&worker("w"), &Claim::Due(9), TTL).unwrap();
    assert_eq!(woken.len(), 1);
    take(&*store, &mut woken[0], &lock("db")).unwrap();
    assert_eq!(holders(take(&*store, &mut c, &lock("db"))), ["b"]);
    end(&*store, &mut woken[0]);
    take(&*store, &mut c, &lock("db")).unwrap();
}

pub(super) fn who_gives_up_keeps_nobody_waiting(bench: &dyn Bench) {
    let store = bench.open();
    let (mut a, mut b, mut c) = (begun(&*store, "a"), begun(&*store, "b"), begun(&*store, "c"));
    take(&*store, &mut a, &lock("db")).unwrap();
    take(&*store, &mut b, &lock("db")).unwrap_err();
    take(&*store, &mut c, &lock("db")).unwrap_err();
    let leave = [AppendGuard::LeaveLock { name: TakeLock::of_lock("db"), key: String::new() }];
    let records = batch(&b, &["the time is up"]);
    assert_eq!(store.append_guarded(&mut b, &records, &leave).unwrap(), Appended::Written);
    assert_eq!(take(&*store, &mut c, &lock("db")).unwrap_err().ahead, 0);
    // Whoever does not want to wait has no place.
    let once = TakeLock { queues: false, ..lock("db") };
    assert_eq!(take(&*store, &mut b, &once).unwrap_err().ahead, 1);
    end(&*store, &mut a);
    take(&*store, &mut c, &lock("db")).unwrap();
    // A lock that is given up before the run ends wakes who waits.
    take(&*store, &mut b, &lock("db")).unwrap_err();
    store.release(&mut b, &[], &parked(None)).unwrap();
    assert_eq!(store.append_guarded(&mut c, &[], &leave).unwrap(), Appended::Written);
    assert_eq!(store.claim(&worker("w"), &Claim::Due(9), TTL).unwrap().len(), 1);
}

pub(super) fn a_killed_run_keeps_its_locks(bench: &dyn Bench) {
    let store = bench.open();
    take(&*store, &mut begun(&*store, "a"), &lock("db")).unwrap();
    bench.die(store);
    let store = bench.open();
    let mut b = begun(&*store, "b");
    let refused = take(&*store, &mut b, &lock("db")).unwrap_err();
    assert_eq!((refused.holders[0].run.as_str(), &refused.holders[0].state), ("a", &RunState::CutOff));
    // Resumed, it has them still.
    let mut again = taken(&*store, "a");
    take(&*store, &mut again, &lock("db")).unwrap();
    end(&*store, &mut again);
    take(&*store, &mut b, &lock("db")).unwrap();
}

pub(super) fn several_slots_are_held_at_once(bench: &dyn Bench) {
    let store = bench.open();
    let two = |key: &str| TakeLock { slots: 2, key: key.into(), ..lock("api.rb") };
    let (mut a, mut b) = (begun(&*store, "a"), begun(&*store, "b"));
    take(&*store, &mut a, &two("")).unwrap();
    // The same run a second time, for a runbook within it.
    take(&*store, &mut a, &two("a/1")).unwrap();
    assert_eq!(take(&*store, &mut b, &two("")).unwrap_err().holders.len(), 2);
    let leave = [AppendGuard::LeaveLock { name: TakeLock::of_lock("api.rb"), key: "a/1".into() }];
    assert_eq!(store.append_guarded(&mut a, &[], &leave).unwrap(), Appended::Written);
    take(&*store, &mut b, &two("")).unwrap();
}

pub(super) fn a_count_is_reached_within_its_window(bench: &dyn Bench) {
    let store = bench.open();
    let (mut a, mut b) = (begun(&*store, "a"), begun(&*store, "b"));
    let count = |lease: &mut Lease, id: &str, window: f64| {
        let records = batch(lease, &[id]);
        let guard = [AppendGuard::Count(tally(id, 2, window))];
        store.append_guarded(lease, &records, &guard).unwrap()
    };
    assert_eq!(count(&mut a, "1", 60.0), Appended::Written);
    assert_eq!(count(&mut b, "2", 60.0), Appended::Written);
    let reached = TallyReached { key: "restart db-1".into(), count: 2, most: 2, window: 60.0 };
    assert_eq!(count(&mut b, "3", 60.0), Appended::Refused(GuardRefusal::Reached(reached)));
    // The end of a run changes nothing.
    end(&*store, &mut a);
    assert!(matches!(count(&mut b, "3", 60.0), Appended::Refused(GuardRefusal::Reached(_))));
    std::thread::sleep(std::time::Duration::from_millis(60));
    assert_eq!(count(&mut b, "3", 0.05), Appended::Written, "the others are older than the window");
}

pub(super) fn the_same_id_counts_once(bench: &dyn Bench) {
    let store = bench.open();
    let mut a = begun(&*store, "a");
    let mut count = |id: &str| {
        let records = batch(&a, &[id]);
        store.append_guarded(&mut a, &records, &[AppendGuard::Count(tally(id, 1, 60.0))]).unwrap()
    };
    assert_eq!(count("1"), Appended::Written);
    assert_eq!(count("1"), Appended::Written, "a retry is the same one");
    assert!(matches!(count("2"), Appended::Refused(_)));
    // What is only counted is never refused, and counts.
    let clean_up = Tally { most: None, ..tally("3", 0, 60.0) };
    let records = batch(&a, &["clean-up"]);
    let guard = [AppendGuard::Count(clean_up)];
    assert_eq!(store.append_guarded(&mut a, &records, &guard).unwrap(), Appended::Written);
    let records = batch(&a, &["next"]);
    let guard = [AppendGuard::Count(tally("4", 3, 60.0))];
    assert_eq!(store.append_guarded(&mut a, &records, &guard).unwrap(), Appended::Written);
    let records = batch(&a, &["next"]);
    let guard = [AppendGuard::Count(tally("5", 3, 60.0))];
    assert!(matches!(store.append_guarded(&mut a, &records, &guard).unwrap(), Appended::Refused(_)));
}

pub(super) fn a_start_over_a_count_writes_nothing(bench: &dyn Bench) {
    let store = bench.open();
    let start = |run: &str, most: Option<u32>| {
        let count = Tally { most, ..tally(run, 1, 3600.0) };
        store.start_counted(&new_run(run), &[count], Some((&worker("w"), TTL))).unwrap()
    };
    let StartOutcome::Begun { lease: Some(_), before } = start("a", Some(1)) else { panic!() };
    assert_eq!(before, [0]);
    assert_eq!(start("a", Some(1)), StartOutcome::Already("a".into()), "the same cause is the same run");
    let StartOutcome::Reached(reached) = start("b", Some(1)) else { panic!() };
    assert_eq!((reached.count, reached.most), (1, 1));
    assert_eq!(bench.look().find("b", 1).unwrap().len(), 0);
    // A person goes ahead, and that counts.
    let StartOutcome::Begun { before, .. } = start("c", None) else { panic!() };
    assert_eq!(before, [1]);
    let StartOutcome::Reached(reached) = start("d", Some(2)) else { panic!() };
    assert_eq!(reached.count, 2);
}
