//! Several threads at once.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rbl_runtime::Outcome;
use rbl_runtime::journal::{Accepted, Claim, Filter, ParkedState, Release, StoreError, verify};

use super::super::runs::{batch, new_run, patiently, worker, write};
use super::{Bench, begun};

const TURNS: u64 = 3;

pub(super) fn many_claimers_and_every_run_is_driven_once_at_a_time(bench: &dyn Bench) {
    let store = bench.open();
    let runs: Vec<String> = (0..20).map(|it| format!("r{it:02}")).collect();
    for run in &runs {
        store.start(&new_run(run)).unwrap();
    }
    let driven: Mutex<HashMap<String, &str>> = Mutex::default();
    let end = Instant::now() + Duration::from_mins(1);
    let over = |filter: &str| {
        bench.look().list(&Filter { state: Some(filter.into()), ..Filter::default() }).unwrap().len()
    };
    std::thread::scope(|scope| {
        for name in ["a", "b", "c", "d"] {
            let (driven, over, runs) = (&driven, &over, &runs);
            scope.spawn(move || {
                let store = bench.open();
                while over("resolved") < runs.len() {
                    assert!(Instant::now() < end, "they never end");
                    // Longer than any turn here takes on a busy machine: nobody loses a lease.
                    let ttl = Duration::from_mins(1);
                    for mut lease in patiently(|| store.claim(&worker(name), &Claim::Due(3), ttl)) {
                        let before = driven.lock().unwrap().insert(lease.run.to_string(), name);
                        assert_eq!(before, None, "{} is driven by two", lease.run);
                        write(&*store, &mut lease, &[name]);
                        let how = if lease.epoch < TURNS {
                            let until = Some(super::super::runs::at(0.0));
                            Release::Parked(ParkedState {
                                until,
                                waits_for: "the next turn".into(),
                                ..ParkedState::default()
                            })
                        } else {
                            Release::Ended { outcome: Outcome::Resolved, message: String::new() }
                        };
                        let records = batch(&lease, &["the end of a turn"]);
                        driven.lock().unwrap().remove(lease.run.as_str());
                        patiently(|| store.release(&mut lease, &records, &how));
                    }
                }
            });
        }
    });
    for run in &runs {
        let (records, _) = bench.look().read(run).unwrap();
        verify(&records).unwrap();
        let epochs: Vec<u64> = records.iter().map(|it| it.epoch).collect();
        assert_eq!(epochs, [0, 1, 1, 2, 2, 3, 3], "{run}");
    }
}

pub(super) fn of_many_writers_at_one_place_one_writes(bench: &dyn Bench) {
    let store = bench.open();
    let lease = begun(&*store, "a");
    let written = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for name in ["a", "b", "c", "d", "e", "f"] {
            let (lease, written) = (&lease, &written);
            scope.spawn(move || {
                let (store, records) = (bench.open(), batch(lease, &[name]));
                let is_written = patiently(|| match store.append(&mut lease.clone(), &records) {
                    Err(StoreError::Fenced { .. }) => Ok(false),
                    done => done.map(|()| true),
                });
                if is_written {
                    written.lock().unwrap().push(name);
                }
            });
        }
    });
    let written = written.into_inner().unwrap();
    assert_eq!(written.len(), 1, "{written:?}");
    let (records, _) = store.load(&lease, 0).unwrap();
    assert_eq!(records.len(), 2);
    assert!(records[1].data.contains(&format!("\"{}\"", written[0])), "{}", records[1].data);
}

pub(super) fn no_signal_is_lost_between_loading_and_parking(bench: &dyn Bench) {
    let (store, other) = (bench.open(), bench.open());
    let mut lease = begun(&*store, "a");
    for round in 0..60_u64 {
        std::thread::scope(|scope| {
            let signals = scope.spawn(|| patiently(|| other.signal("a", &round.to_string(), "1")));
            let parked =
                Release::Parked(ParkedState { until: None, waits_for: "x".into(), ..ParkedState::default() });
            patiently(|| store.release(&mut lease, &[], &parked));
            assert_eq!(signals.join().unwrap(), Accepted::Accepted);
        });
        // Whichever of the two came first: the run is due.
        let leases = store.claim(&worker("w"), &Claim::Due(1), Duration::from_mins(1)).unwrap();
        assert_eq!(leases.len(), 1, "round {round}: a wake-up was lost");
        lease = leases[0].clone();
        assert_eq!(store.load(&lease, 0).unwrap().1.len() as u64, round + 1);
    }
}

pub(super) fn the_same_cause_from_many_sides_is_one_run(bench: &dyn Bench) {
    let started = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for index in 0..8 {
            let started = &started;
            scope.spawn(move || {
                let mut new = new_run(&format!("r{index}"));
                new.dedupe = "the alert".into();
                let store = bench.open();
                let answer = patiently(|| store.start(&new));
                started.lock().unwrap().push(answer);
            });
        }
    });
    let started = started.into_inner().unwrap();
    assert_eq!(started.iter().filter(|(_, new)| *new).count(), 1);
    let first = &started.iter().find(|(_, new)| *new).unwrap().0;
    assert!(started.iter().all(|(run, _)| run == first), "{started:?}");
    assert_eq!(bench.look().list(&Filter::default()).unwrap().len(), 1);
}
