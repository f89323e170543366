//! The loop that executes whatever is due.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rbl_runtime::journal::{ParkedState, RunState, Store};
use rbl_world::clock;
use smol_str::SmolStr;

use super::{Bench, Log, done, turn};
use crate::{ClaimedRun, Engine, EngineError, Turns, Until, Work, WorkPlace, work};

const TTL: Duration = Duration::from_mins(1);
const ONCE: Work = Work { at_once: 2, until: Until::NothingIsDue };

/// Executes every run, and counts.
struct Counting<'a> {
    engine: &'a Engine,
    log: Log,
    now: AtomicUsize,
    most: AtomicUsize,
    panicked: Mutex<Vec<SmolStr>>,
}

impl<'a> Counting<'a> {
    fn new(engine: &'a Engine) -> Self {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { engine, log: Log::default(), now, most, panicked: Mutex::default() }
    }
}

impl Turns for Counting<'_> {
    fn turn(&self, claimed: ClaimedRun, _: &WorkPlace) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        if claimed.run() == "broken" {
            self.now.fetch_sub(1, Ordering::SeqCst);
            panic!("a test of what a panic does");
        }
        turn(self.engine, claimed, &self.log);
        self.now.fetch_sub(1, Ordering::SeqCst);
    }

    fn unreadable(&self, why: &EngineError) {
        panic!("{why}");
    }

    fn refused(&self, why: &EngineError) {
        panic!("{why}");
    }

    fn panicked(&self, run: &SmolStr) {
        self.panicked.lock().unwrap().push(run.clone());
    }
}

#[test]
fn everything_that_is_due_is_executed_a_few_at_once() {
    let bench = Bench::new();
    let engine = bench.engine("w1", TTL);
    for run in 0..7 {
        bench.start(&format!("r{run}"), "action `sleep 30`");
    }
    bench.start("asks", "check \"Is it well?\" else { stop \"no\" }");
    let turns = Counting::new(&engine);
    work(&engine, ONCE, &turns, || false).unwrap();
    assert_eq!(done(&turns.log).len(), 7);
    assert_eq!(turns.most.load(Ordering::SeqCst), 2, "never more at once, and not one after the other");
    assert_eq!(bench.runs().iter().filter(|run| run.state.word() == "resolved").count(), 7);
    assert_eq!(bench.state("asks"), "waiting");
    // What a dead worker left behind is due too, once its lease is over.
    bench.start("left", "action `x`");
    drop(bench.engine("dead", Duration::ZERO).store.claim(
        &rbl_runtime::journal::Worker { name: "dead".into() },
        &rbl_runtime::journal::Claim::Run("left".into()),
        Duration::ZERO,
    ));
    assert_eq!(bench.state("left"), "cut-off");
    work(&engine, ONCE, &turns, || false).unwrap();
    assert_eq!(bench.state("left"), "resolved");
}

#[test]
fn two_workers_execute_each_run_once() {
    let bench = Bench::new();
    for run in 0..40 {
        bench.start(&format!("r{run}"), &format!("action `do {run}`"));
    }
    let log = Log::default();
    std::thread::scope(|scope| {
        for name in ["w1", "w2"] {
            let (engine, log) = (bench.engine(name, TTL), log.clone());
            scope.spawn(move || {
                let turns = Counting { log, ..Counting::new(&engine) };
                work(&engine, ONCE, &turns, || false).unwrap();
            });
        }
    });
    let mut done = done(&log);
    done.sort();
    done.dedup();
    assert_eq!(done.len(), 40);
    assert_eq!(log.lock().unwrap().len(), 40, "nothing was done twice");
}

#[test]
fn it_waits_for_what_becomes_due_and_ends_when_it_is_stopped() {
    let bench = Bench::new();
    let engine = bench.engine("w1", TTL);
    let turns = Counting::new(&engine);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (engine, turns, stop) = (&engine, &turns, &stop);
        let settings = Work { at_once: 4, until: Until::Stopped };
        let working = scope.spawn(move || work(engine, settings, turns, || stop.load(Ordering::SeqCst)));
        std::thread::sleep(Duration::from_millis(50));
        bench.start("r1", "action `x`");
        let end = Instant::now() + Duration::from_secs(20);
        while bench.state("r1") != "resolved" {
            assert!(Instant::now() < end && !working.is_finished());
            std::thread::sleep(Duration::from_millis(2));
        }
        bench.start("long", "action `sleep 600`");
        while done(&turns.log).len() < 2 {
            assert!(Instant::now() < end);
            std::thread::sleep(Duration::from_millis(2));
        }
        stop.store(true, Ordering::SeqCst);
        working.join().unwrap().unwrap();
        assert_eq!(bench.state("long"), "resolved", "what was begun has ended");
        bench.start("late", "action `x`");
    });
    assert_eq!(bench.state("late"), "queued", "due, and nobody has it");
}

#[test]
fn a_panic_in_one_run_ends_no_other() {
    let bench = Bench::new();
    let engine = bench.engine("w1", TTL);
    bench.start("broken", "action `x`");
    bench.start("r1", "action `x`");
    let turns = Counting::new(&engine);
    work(&engine, ONCE, &turns, || false).unwrap();
    assert_eq!(*turns.panicked.lock().unwrap(), ["broken"]);
    assert_eq!((bench.state("broken"), bench.state("r1")), ("running", "resolved"));
}

#[test]
fn a_run_is_given_back_until_later_or_for_good() {
    let bench = Bench::new();
    let engine = bench.engine("w1", TTL);
    bench.start("later", "action `x`");
    bench.start("never", "action `x`");
    let at = clock::now().plus(4.0).unwrap();
    engine.claim("later").unwrap().put_off(at, "a configuration without mistakes").unwrap();
    engine.claim("never").unwrap().stuck("its text is no runbook").unwrap();
    assert!(
        matches!(bench.summary("later").state, RunState::Parked(ParkedState { until: Some(until), .. }) if until == at)
    );
    assert_eq!(bench.state("never"), "stuck");
    assert!(engine.claim_due(9).unwrap().is_empty());
    bench.store.idle(Duration::from_secs(20)).unwrap();
    let due = engine.claim_due(9).unwrap();
    assert_eq!(due.into_iter().map(|it| it.unwrap().run().clone()).collect::<Vec<_>>(), ["later"]);
    // By its id it can still be tried.
    assert_eq!(engine.claim("never").unwrap().run(), "never");
}
