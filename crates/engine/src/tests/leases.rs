//! Leases: one worker a run, renewed while it is executed, and left alone once they are lost.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::{Bench, Log, done, turn};
use crate::{EngineError, TurnEnd};

/// Short, so that it expires in a test, and long enough to be renewed on a machine with other work.
const TTL: Duration = Duration::from_secs(3);
/// So short that only a lease that is to be lost has it.
const SHORT: Duration = Duration::from_millis(150);

const BODY: &str = "action `promise` undo `undo`\naction `sleep 60000` else { stop \"no\" }\naction `next`";

fn wait_until(mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < end);
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn of_two_claimers_one_gets_the_run_and_the_other_learns_who_has_it() {
    let bench = Bench::new();
    for round in 0..50 {
        let run = format!("r{round}");
        bench.start(&run, "resolve");
        let got = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for name in ["w1", "w2"] {
                let (engine, run, got) = (bench.engine(name, Duration::from_mins(1)), &run, &got);
                scope.spawn(move || match engine.claim(run) {
                    Ok(claimed) => {
                        got.fetch_add(1, Ordering::SeqCst);
                        // Dropping it does not give it back.
                        drop(claimed);
                    }
                    Err(EngineError::Held { by, .. }) => {
                        assert!(by.starts_with('w') && !by.starts_with(name), "{by}");
                    }
                    Err(other) => panic!("{other:?}"),
                });
            }
        });
        assert_eq!(got.into_inner(), 1);
    }
}

#[test]
fn a_lease_is_renewed_as_long_as_the_turn_lasts() {
    let (bench, log) = (Bench::new(), Log::default());
    bench.start("r1", "action `sleep 4500`");
    let (one, two) = (bench.engine("w1", TTL), bench.engine("w2", TTL));
    let claimed = one.claim("r1").unwrap();
    std::thread::scope(|scope| {
        let turning = scope.spawn(|| turn(&one, claimed, &log));
        while !turning.is_finished() {
            if bench.state("r1") == "running" {
                assert!(two.claim_due(1).unwrap().is_empty());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(matches!(turning.join().unwrap(), TurnEnd::Ended(_)));
    });
    assert_eq!((bench.state("r1"), done(&log)), ("resolved", vec!["sleep 4500".to_owned()]));
}

#[test]
fn a_run_that_is_lost_is_cancelled_and_left_alone() {
    let (bench, log) = (Bench::new(), Log::default());
    bench.start("r1", BODY);
    let (one, two) = (bench.engine("w1", TTL), bench.engine("w2", Duration::from_mins(1)));
    let claimed = one.claim("r1").unwrap();
    std::thread::scope(|scope| {
        let turning = scope.spawn(|| turn(&one, claimed, &log));
        wait_until(|| done(&log).len() == 2);
        // The first worker can reach its store no more, and the second takes over when the lease has expired.
        bench.store.no_release.store(true, Ordering::SeqCst);
        bench.store.no_renewal.store(true, Ordering::SeqCst);
        let mut taken = None;
        wait_until(|| {
            taken = two.claim_due(1).unwrap().pop();
            taken.is_some()
        });
        bench.store.no_release.store(false, Ordering::SeqCst);
        let end = turning.join().unwrap();
        assert!(matches!(&end, TurnEnd::Fenced { by: Some(by) } if by.starts_with("w2, since ")), "{end:?}");
        assert_eq!(taken.unwrap().unwrap().run(), "r1");
    });
    // Neither the cleanup nor what comes next was done, and nobody was paged.
    assert_eq!(done(&log), ["promise", "sleep 60000", "cancelled"]);
    assert_eq!(bench.state("r1"), "running");
}

#[test]
fn a_run_whose_lease_cannot_be_renewed_stops_and_is_due_at_once() {
    let (bench, log) = (Bench::new(), Log::default());
    bench.start("r1", BODY);
    // The turn has to begin in this time.
    let one = bench.engine("w1", TTL + Duration::from_secs(1));
    let claimed = one.claim("r1").unwrap();
    bench.store.no_renewal.store(true, Ordering::SeqCst);
    let begun = Instant::now();
    // Nobody else took it: the end of the turn could still be recorded.
    let TurnEnd::Ended(ended) = turn(&one, claimed, &log) else { panic!() };
    assert!(ended.parked.is_some() && begun.elapsed() < Duration::from_secs(30), "{ended:?}");
    assert_eq!(done(&log), ["promise", "sleep 60000", "cancelled"]);
    assert_eq!(bench.state("r1"), "waiting");
    let claimed = bench.engine("w2", TTL).claim_due(1).unwrap();
    assert_eq!(claimed.len(), 1, "another worker can resume it now");
}

#[test]
fn a_lease_that_was_lost_before_the_turn_begins_does_nothing() {
    let (bench, log) = (Bench::new(), Log::default());
    bench.start("r1", BODY);
    let one = bench.engine("w1", SHORT);
    let claimed = one.claim("r1").unwrap();
    bench.store.no_renewal.store(true, Ordering::SeqCst);
    std::thread::sleep(SHORT * 2);
    let taken = bench.engine("w2", Duration::from_mins(1)).claim("r1").unwrap();
    wait_until(|| claimed.renewed.lost.is_lost());
    let end = turn(&one, claimed, &log);
    assert!(matches!(end, TurnEnd::Fenced { .. }), "{end:?}");
    assert_eq!(done(&log), [""; 0]);
    drop(taken);
}
