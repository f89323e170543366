//! Everything at once, killed at random moments: locks, limits, a block with `finally`, a runbook within it, a poll and a
//! loop. The ordinary run of the tests kills sixty times, `RBL_EXHAUSTIVE=1` four hundred and fifty times.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rbl_runtime::journal::{ParkedState, RunState};

use super::lock_kills::{Kill, Killing, each};

/// The runs of one journal, as many as its limits allow. The last of them is aborted.
const RUNS: u32 = 5;

/// The turns of a run that are killed: each wave goes on from where the one before was killed.
const WAVES: u32 = 6;

/// What may be done again.
const AGAIN: &[&str] = &["mark", "pass"];

/// What is done once, whatever happens.
const ONCE: [&str; 6] = ["open", "first", "inner", "close", "last", "clean"];

const OUTER: &str = r#"runbook "Outer"
owner "o"
limit 6 runs in 1h
limit 1 at once
param id = "0"
define mark() as `echo mark >> marks` at most 4 in 24h
lock "db" within 5s else { stop "the lock leaked" }
action `echo open-#{id} >> done` {
  action `echo first-#{id} >> done`
  action `expr $(date +%s%N) + 250000000 > until-#{id}` retry 1
  wait until `[ "$(date +%s%N)" -gt "$(cat until-#{id})" ]` within 20s every 100ms
  repeat up to 2 times every 100ms { action `echo pass-#{id} >> done` retry 1 }
  run "inner.rb" with (id: id) else { stop "the inner limit is reached" }
} finally `echo close-#{id} >> done`
action mark() retry 1 else { stop "the count is reached" }
action `echo last-#{id} >> done` finally `echo clean-#{id} >> done`
"#;

const INNER: &str = r#"runbook "Inner"
owner "o"
limit 6 runs in 1h
limit 1 at once
param id = "0"
lock "db" within 5s
lock "inner" within 5s
action `echo inner-#{id} >> done`
"#;

/// Numbers that look random: the same in each run of the tests, so that only the machine decides where a kill falls.
struct Random(u64);

impl Random {
    /// Up to this time.
    fn up_to(&mut self, longest: Duration) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        longest * u32::try_from(self.0 >> 54).unwrap() / 1024
    }
}

/// Aborts the run of this number after its first turn was killed, and kills the abort as well.
fn aborted(killing: &mut Killing, number: usize, random: &mut Random, whole: Duration) -> RunState {
    let id = format!("id={number}");
    while killing.runs().len() <= number {
        let kill = Kill::After(random.up_to(whole));
        killing.turn(&["run", "outer.rb", "--no-input", "--param", &id], kill);
    }
    let name = killing.runs()[number].run.to_string();
    for turn in 0..10 {
        let state = killing.runs()[number].state.clone();
        if let RunState::Ended { .. } = state {
            return state;
        }
        let kill = if turn < 2 { Kill::After(random.up_to(whole / 4)) } else { Kill::Not };
        killing.turn(&["abort", &name, "--because", "x", "--no-input"], kill);
        if let RunState::Parked(ParkedState { waits_for, .. }) = &killing.runs()[number].state {
            let line = waits_for.split("`echo ").nth(1).unwrap().split(' ').next().unwrap();
            let said = if killing.is_done(line) { "done" } else { "not done" };
            killing.turn(&["answer", &name, said, "--no-input"], Kill::Not);
        } else if turn >= 2 {
            killing.turn(&["resume", &name, "--no-input"], Kill::Not);
        }
    }
    panic!("run {number} is not aborted: {:?}", killing.runs()[number]);
}

/// What the end of a run left, and nothing else.
fn is_well(killing: &Killing, number: u32, state: &RunState, how: &str) {
    let count = |what: &str| killing.count(&format!("{what}-{number}"));
    for what in ONCE {
        assert!(count(what) <= 1, "{how}: {what} was done {} times", count(what));
    }
    // Whatever was begun is put back.
    assert!(count("close") >= count("open") && count("clean") >= count("last"), "{how}");
    if state.word() == "resolved" {
        assert!(ONCE.iter().all(|what| count(what) == 1), "{how}");
        assert!(count("pass") >= 2, "{how}: {} passes", count("pass"));
    }
    killing.no_lock_is_held(how);
    let name = killing.runs()[number as usize].run.to_string();
    let replayed = killing.shell.rbl(&format!("replay {name}"));
    assert_ne!(replayed.code, Some(1), "{how}: {replayed:?}");
    killing.shell.rbl(&format!("show {name} --verify")).code(0);
}

#[test]
fn killed_at_random_moments_nothing_is_done_twice_and_everything_is_put_back() {
    let wanted = if std::env::var_os("RBL_EXHAUSTIVE").is_some() { 450 } else { 60 };
    let begun = Instant::now();
    let undisturbed = || {
        let mut killing = Killing::new(OUTER, INNER, AGAIN);
        let begun = Instant::now();
        assert!(!killing.turn(&["run", "outer.rb", "--no-input"], Kill::Not));
        let whole = begun.elapsed();
        let state = killing.until_it_is_over(0, &[]);
        assert_eq!(state.word(), "resolved", "{state:?}");
        is_well(&killing, 0, &state, "not killed");
        whole
    };
    // The shortest of a few, because something else may delay one.
    let whole = (0..3).map(|_| undisturbed()).min().unwrap();
    let (kills, asked, runs) = (AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(0));
    each(wanted, |series| {
        if kills.load(Ordering::Relaxed) >= wanted {
            return;
        }
        let mut random = Random(u64::from(series) + 1);
        let mut killing = Killing::new(OUTER, INNER, AGAIN);
        for number in 0..RUNS {
            let is_aborted = number + 1 == RUNS;
            // The first at any moment of the run; of what is left after it, half of it is left on the average.
            let longest = |wave| if wave == 0 { whole } else { whole / 2 };
            let moments: Vec<Kill> =
                (0..WAVES).map(|wave| Kill::After(random.up_to(longest(wave)))).collect();
            let how = format!("series {series}, run {number}, killed at {moments:?}");
            let state = if is_aborted {
                aborted(&mut killing, number as usize, &mut random, whole)
            } else {
                killing.until_it_is_over(number as usize, &moments)
            };
            // The last one may reach the count before it is aborted.
            let words: &[&str] = if is_aborted { &["aborted", "escalated"] } else { &["resolved"] };
            assert!(words.contains(&state.word()), "{how}: {state:?}");
            is_well(&killing, number, &state, &how);
        }
        // All of them were counted, and each once: there is room for one more run, and none for another action.
        let last = killing.shell.rbl("run outer.rb --no-input --param id=over").code(4);
        assert!(last.out.contains("the count is reached"), "series {series}: {last:?}");
        let over = killing.shell.rbl("run outer.rb --no-input").code(2);
        assert!(over.err.contains("it ran 6 times within 1h"), "series {series}: {over:?}");
        killing.no_lock_is_held(&format!("series {series}"));
        kills.fetch_add(killing.kills, Ordering::Relaxed);
        asked.fetch_add(killing.asked, Ordering::Relaxed);
        runs.fetch_add(RUNS, Ordering::Relaxed);
    });
    let (kills, asked, runs) = (kills.into_inner(), asked.into_inner(), runs.into_inner());
    eprintln!("{kills} kills in {runs} runs, {asked} questions, {:?}", begun.elapsed());
    assert!(kills >= wanted, "only {kills} of {wanted} kills");
}
