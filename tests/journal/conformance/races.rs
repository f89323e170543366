//! Guards from many sides at once: one wins, and the others are told.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rbl_runtime::Answer;
use rbl_runtime::journal::{
    Accepted, AppendGuard, Appended, GuardRefusal, Lease, SignalName, StartOutcome, Store, Tally, approvals,
    deciding,
};

use super::super::runs::{batch, new_run, patiently, worker};
use super::guards::{end, lock};
use super::signals::said;
use super::{Bench, begun};

/// Longer than any test here takes on a busy machine: nobody loses a lease.
const LONG: Duration = Duration::from_mins(10);

/// How many races there are. All of 10,000 take minutes: `RBL_RACES` sets another number.
fn rounds(usual: u32) -> u32 {
    std::env::var("RBL_RACES").ok().and_then(|races| races.parse().ok()).unwrap_or(usual)
}

/// Two people answer, the time is up, and somebody aborts, all at once: one of them closes the question.
pub(super) fn one_of_answer_and_time_out_wins(bench: &dyn Bench) {
    let (store, ana, bo) = (bench.open(), bench.open(), bench.open());
    let StartOutcome::Begun { lease: Some(mut lease), .. } =
        store.start_counted(&new_run("a"), &[], Some((&worker("w"), LONG))).unwrap()
    else {
        panic!()
    };
    for round in 0..rounds(200) {
        let question = round.to_string();
        let answer = |store: &dyn Store, by: &str| {
            patiently(|| store.signal_named("a", &SignalName::of(&question).by(by), "1", 1))
        };
        let close = |store: &dyn Store, lease: &mut Lease, how: &str| {
            let guard = AppendGuard::UnlessSignaled {
                question: question.as_str().into(),
                quorum: 1,
                closed: how.into(),
            };
            let (records, guards) = (batch(lease, &[how]), [guard]);
            patiently(|| store.append_guarded(lease, &records, &guards))
        };
        // One process holds the run: its time-out and its abort are one thread, in either order.
        let (by_ana, by_bo, closed) = std::thread::scope(|scope| {
            let first = scope.spawn(|| answer(&*ana, "ana"));
            let second = scope.spawn(|| answer(&*bo, "bo"));
            let how = if round % 2 == 0 { "timed out" } else { "aborted by cy" };
            let closed = close(&*store, &mut lease, how);
            (first.join().unwrap(), second.join().unwrap(), closed)
        });
        let answered = [&by_ana, &by_bo].into_iter().filter(|it| **it == Accepted::Accepted).count();
        match closed {
            Appended::Written => {
                assert_eq!(answered, 0, "round {round}: an answer and {closed:?}");
                let late = [&by_ana, &by_bo].into_iter().all(|it| matches!(it, Accepted::TooLate(_)));
                assert!(late, "round {round}: {by_ana:?} {by_bo:?}");
            }
            Appended::Refused(GuardRefusal::Signaled(signal)) => {
                assert_eq!(answered, 1, "round {round}: {by_ana:?} {by_bo:?}");
                let winner = if by_ana == Accepted::Accepted { "ana" } else { "bo" };
                assert_eq!(SignalName::parse(&signal.name).person(), Some(winner), "round {round}");
            }
            Appended::Refused(other) => panic!("{other:?}"),
        }
    }
}

/// The same where two have to approve, with one who may refuse: it is approved by two, refused by one, or closed, and never two
/// of these.
pub(super) fn one_of_quorum_refusal_and_time_out_wins(bench: &dyn Bench) {
    let stores = [bench.open(), bench.open(), bench.open()];
    let store = bench.open();
    let StartOutcome::Begun { lease: Some(mut lease), .. } =
        store.start_counted(&new_run("a"), &[], Some((&worker("w"), LONG))).unwrap()
    else {
        panic!()
    };
    let mut seen = [0; 3];
    let (usual, end) = (rounds(200), Instant::now() + Duration::from_mins(1));
    for round in 0_u32.. {
        // On a busy machine one of the ends may be rare: then there are more rounds.
        if round >= usual && (!seen.contains(&0) || Instant::now() >= end) {
            break;
        }
        let question = round.to_string();
        let refuses = round % 3 == 0;
        // Now and then who refuses is surely first, however the threads are scheduled.
        let is_first = round % 12 == 0;
        let answer = |store: &dyn Store, by: &str| {
            if is_first && by != "cy" {
                std::thread::sleep(Duration::from_millis(2));
            }
            let data = if refuses && by == "cy" { said(by, Answer::No) } else { said(by, Answer::Yes) };
            patiently(|| store.signal_named("a", &SignalName::of(&question).by(by), &data, 2))
        };
        let mut records = Vec::new();
        let (answers, closed) = std::thread::scope(|scope| {
            let [ana, bo, cy] = &stores;
            let asked = [(ana, "ana"), (bo, "bo"), (cy, "cy")];
            let answer = &answer;
            let answers = asked.map(|(store, by)| scope.spawn(move || answer(&**store, by)));
            if is_first {
                std::thread::sleep(Duration::from_millis(20));
            } else if round % 2 == 0 {
                // In those rounds the answers have more and more time.
                let longer = 1 + round / usual.max(1);
                std::thread::sleep(Duration::from_micros(u64::from(round % 7) * u64::from(longer) * 200));
            }
            records.extend(batch(&lease, &["timed out"]));
            let guards = [AppendGuard::UnlessSignaled {
                question: question.as_str().into(),
                quorum: 2,
                closed: "timed out".into(),
            }];
            let closed = patiently(|| store.append_guarded(&mut lease, &records, &guards));
            (answers.map(|it| it.join().unwrap()), closed)
        });
        let (_, signals) = store.load(&lease, lease.length).unwrap();
        let about: Vec<_> = signals.iter().filter(|it| it.question() == question).collect();
        let accepted = answers.iter().filter(|it| **it == Accepted::Accepted).count();
        assert_eq!(about.len(), accepted, "round {round}");
        let decided = deciding(about.iter().copied(), 2);
        match closed {
            Appended::Written => {
                assert_eq!(decided, None, "round {round}: decided, and closed: {about:?}");
                assert!(accepted < 2, "round {round}: {answers:?}");
                seen[0] += 1;
            }
            Appended::Refused(GuardRefusal::Signaled(signal)) => {
                assert_eq!(decided.map(|it| it.number), Some(signal.number), "round {round}");
                let by_refusal = refuses && signal.name.ends_with("/cy");
                seen[if by_refusal { 2 } else { 1 }] += 1;
                let yes = approvals(about.iter().copied()).len();
                assert_eq!(yes >= 2, !by_refusal, "round {round}: {about:?}");
                assert_eq!(about.last().map(|it| it.number), Some(signal.number), "nobody counts after it");
            }
            Appended::Refused(other) => panic!("{other:?}"),
        }
    }
    assert!(seen.iter().all(|it| *it > 0), "every end came: {seen:?}");
}

/// Several workers, each with its own handle, each wanting the same lock.
pub(super) fn one_run_holds_a_lock_at_a_time(bench: &dyn Bench) {
    let inside = AtomicU32::new(0);
    let held = AtomicU32::new(0);
    let turns = rounds(8);
    std::thread::scope(|scope| {
        for thread in 0..4_u32 {
            let (inside, held) = (&inside, &held);
            scope.spawn(move || {
                let store = bench.open();
                for round in 0..turns {
                    let run = format!("r{thread}-{round}");
                    let started =
                        patiently(|| store.start_counted(&new_run(&run), &[], Some((&worker(&run), LONG))));
                    let StartOutcome::Begun { lease: Some(mut lease), .. } = started else { panic!() };
                    loop {
                        let records = batch(&lease, &["taken"]);
                        let guard = [AppendGuard::TakeLock(lock("db"))];
                        match patiently(|| store.append_guarded(&mut lease, &records, &guard)) {
                            Appended::Written => break,
                            Appended::Refused(_) => std::thread::sleep(Duration::from_millis(2)),
                        }
                    }
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two hold it");
                    held.fetch_add(1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(1));
                    inside.fetch_sub(1, Ordering::SeqCst);
                    end(&*store, &mut lease);
                }
            });
        }
    });
    assert_eq!(held.into_inner(), 4 * turns);
}

/// More starts at once than are allowed: exactly as many as are allowed are begun.
pub(super) fn no_count_is_exceeded(bench: &dyn Bench) {
    let begun_runs = Mutex::new(0_u32);
    std::thread::scope(|scope| {
        for thread in 0..6 {
            let begun_runs = &begun_runs;
            scope.spawn(move || {
                let store = bench.open();
                for round in 0..4 {
                    let run = format!("r{thread}-{round}");
                    let tallies =
                        [Tally { key: "api.rb".into(), id: run.clone(), most: Some(5), window: 3600.0 }];
                    match patiently(|| store.start_counted(&new_run(&run), &tallies, None)) {
                        StartOutcome::Begun { before, .. } => {
                            assert!(before[0] < 5);
                            *begun_runs.lock().unwrap() += 1;
                        }
                        StartOutcome::Reached(reached) => assert_eq!(reached.count, 5),
                        StartOutcome::Already(run) => panic!("{run}"),
                    }
                }
            });
        }
    });
    assert_eq!(begun_runs.into_inner().unwrap(), 5);
    // Who comes later is refused as well.
    let mut lease = begun(&*bench.open(), "later");
    let guard = [AppendGuard::Count(Tally {
        key: "api.rb".into(),
        id: "later".into(),
        most: Some(5),
        window: 3600.0,
    })];
    let store = bench.open();
    let refused = store.append_guarded(&mut lease, &[], &guard).unwrap();
    assert!(matches!(refused, Appended::Refused(GuardRefusal::Reached(_))), "{refused:?}");
}
