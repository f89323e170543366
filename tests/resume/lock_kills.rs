//! A runbook with locks, limits, a poll and a runbook within it, whose process is killed again and again: nothing is done
//! twice unasked, counts are right, and every lock is free once the run has been resumed or aborted.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rbl_runtime::journal::{Filter, ParkedState, RunQuery, RunState, RunSummary, verify};
use rbl_store::SqliteReader;

use super::kills::orphans_end;
use crate::cli::shell::Shell;

/// The runs of one journal, as many as its limits allow.
const RUNS: u32 = 8;

/// A turn writes this often at most.
const MOMENTS: u32 = 44;

/// The turns of a run that are killed.
const KILLED: u32 = 5;

const OUTER: &str = r#"runbook "Outer"
owner "o"
limit 9 runs in 1h
limit 1 at once
param id = "0"
define mark() as `echo mark >> marks` at most 8 in 24h
lock "db" within 5s else { stop "the lock leaked" }
action `echo first-#{id} >> done` finally `echo clean-#{id} >> done`
wait until `test -e done` within 10s every 100ms
action mark() retry 1 else { stop "the count is reached" }
run "inner.rb" with (id: id) else { stop "the inner limit is reached" }
action `echo last-#{id} >> done`
"#;

const INNER: &str = r#"runbook "Inner"
owner "o"
limit 8 runs in 1h
limit 1 at once
param id = "0"
lock "db" within 5s
lock "inner" within 5s
action `echo inner-#{id} >> done`
"#;

/// When a turn is killed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kill {
    /// Never.
    Not,
    /// At this call of the fault hook.
    AtWrite(u32),
    /// After this time.
    After(Duration),
}

/// Runs of one journal that are killed and resumed, as a person sees them.
pub(super) struct Killing {
    pub(super) shell: Shell,
    pub(super) kills: u32,
    pub(super) asked: u32,
    /// What may be done again, so that nobody is asked about it.
    may_be_again: &'static [&'static str],
}

impl Killing {
    pub(super) fn new(outer: &str, inner: &str, may_be_again: &'static [&'static str]) -> Self {
        let shell = Shell::new();
        shell.write("outer.rb", outer).write("inner.rb", inner);
        Self { shell, kills: 0, asked: 0, may_be_again }
    }

    fn reader(&self) -> SqliteReader {
        SqliteReader::open(&self.shell.state().join("rbl")).unwrap()
    }

    /// The runs, the oldest first. The chain of each is valid at every moment.
    pub(super) fn runs(&self) -> Vec<RunSummary> {
        let look = self.reader();
        let mut runs = look.list(&Filter::default()).unwrap();
        for run in &runs {
            verify(&look.read(&run.run).unwrap().0).unwrap();
        }
        runs.reverse();
        runs
    }

    pub(super) fn is_done(&self, line: &str) -> bool {
        self.count(line) > 0
    }

    pub(super) fn count(&self, line: &str) -> usize {
        let done = std::fs::read_to_string(self.shell.path().join("done")).unwrap_or_default();
        done.lines().filter(|it| *it == line).count()
    }

    /// One turn. The result: whether it was killed.
    pub(super) fn turn(&mut self, words: &[&str], kill: Kill) -> bool {
        let mut command = self.shell.command("");
        command.args(words).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        if let Kill::AtWrite(at) = kill {
            command.env("RBL_FAULT_AT", at.to_string());
        }
        let mut child = command.spawn().unwrap();
        if let Kill::After(time) = kill {
            std::thread::sleep(time);
            let _ = child.kill();
        }
        let killed = child.wait().unwrap().signal() == Some(9);
        if let Kill::After(_) = kill {
            orphans_end(&self.shell);
        }
        self.kills += u32::from(killed);
        killed
    }

    /// Runs the runbook until it is over; its turns are killed at these moments.
    pub(super) fn until_it_is_over(&mut self, number: usize, moments: &[Kill]) -> RunState {
        for turn in 0..60 {
            let at = moments.get(turn).copied().unwrap_or(Kill::Not);
            let runs = self.runs();
            let id = format!("id={number}");
            let Some(run) = runs.get(number) else {
                self.turn(&["run", "outer.rb", "--no-input", "--param", &id], at);
                continue;
            };
            let name = run.run.to_string();
            match &run.state {
                RunState::Ended { .. } => return run.state.clone(),
                RunState::Parked(ParkedState { waits_for, .. }) if waits_for.contains("was it done?") => {
                    let line = waits_for.split("`echo ").nth(1).unwrap().split(' ').next().unwrap();
                    let again = self.may_be_again.iter().any(|it| line.starts_with(it));
                    assert!(!again, "what may be done again is asked about: {line}");
                    self.asked += 1;
                    let said = if self.is_done(line) { "done" } else { "not done" };
                    self.turn(&["answer", &name, said, "--no-input"], at);
                }
                RunState::Parked(_)
                | RunState::Answered(_)
                | RunState::Queued { .. }
                | RunState::CutOff
                | RunState::Stuck { .. }
                | RunState::Running { .. } => {
                    self.turn(&["resume", &name, "--no-input"], at);
                }
            }
        }
        panic!("run {number} is not over: {:?}", self.runs().get(number));
    }

    pub(super) fn no_lock_is_held(&self, how: &str) {
        let look = self.reader();
        for name in ["db", "inner"] {
            let holders = look.lock_holders(name).unwrap();
            assert!(holders.is_empty(), "{how}: {name} is held by {holders:?}");
        }
    }
}

/// As many as there are cores at once.
pub(super) fn each(numbers: u32, work: impl Fn(u32) + Sync) {
    let next = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= numbers {
                        return;
                    }
                    work(number);
                }
            });
        }
    });
}

#[test]
fn killed_and_resumed_counts_are_right_and_locks_are_free() {
    let (kills, asked) = (AtomicU32::new(0), AtomicU32::new(0));
    each(22, |series| {
        let mut killing = Killing::new(OUTER, INNER, &["mark"]);
        for number in 0..RUNS {
            let moment = |turn: u32| (number * 13 + turn * 17 + series * 7) % MOMENTS;
            let moments: Vec<Kill> = (0..KILLED).map(moment).map(Kill::AtWrite).collect();
            let how = format!("series {series}, run {number}, killed at {moments:?}");
            let state = killing.until_it_is_over(number as usize, &moments);
            assert_eq!(state.word(), "resolved", "{how}: {state:?}");
            for line in ["first", "inner", "last", "clean"] {
                assert_eq!(killing.count(&format!("{line}-{number}")), 1, "{how}: {line}");
            }
            killing.no_lock_is_held(&how);
        }
        // All of them were counted, and each once.
        let over = killing.shell.rbl("run outer.rb --no-input --param id=over").code(4);
        assert!(over.out.contains("the count is reached"), "{over:?}");
        let over = killing.shell.rbl("run outer.rb --no-input").code(2);
        assert!(over.err.contains("it ran 9 times within 1h"), "{over:?}");
        let over = killing.shell.rbl("run inner.rb --no-input").code(2);
        assert!(over.err.contains("it ran 8 times within 1h"), "{over:?}");
        kills.fetch_add(killing.kills, Ordering::Relaxed);
        asked.fetch_add(killing.asked, Ordering::Relaxed);
    });
    let (kills, asked) = (kills.into_inner(), asked.into_inner());
    eprintln!("{kills} kills, {asked} questions");
    assert!(kills >= 300, "only {kills} kills");
}

#[test]
fn killed_and_aborted_it_cleans_up_and_its_locks_are_free() {
    let kills = AtomicU32::new(0);
    each(MOMENTS + 60, |number| {
        let mut killing = Killing::new(OUTER, INNER, &["mark"]);
        // The first turn is killed, and then the abort, where it comes so far.
        let (at, then) = (number % MOMENTS, (number * 5) % 12);
        let how = format!("killed at {at}, aborted and killed at {then}");
        if !killing.turn(&["run", "outer.rb", "--no-input"], Kill::AtWrite(at)) || killing.runs().is_empty() {
            return;
        }
        let name = killing.runs()[0].run.to_string();
        let ended = |killing: &Killing| matches!(killing.runs()[0].state, RunState::Ended { .. });
        if !ended(&killing) {
            killing.turn(&["abort", &name, "--because", "x", "--no-input"], Kill::AtWrite(then));
            for _ in 0..5 {
                if ended(&killing) {
                    break;
                }
                // The signal is in the inbox, or not yet: both are fine.
                killing.turn(&["abort", &name, "--because", "x", "--no-input"], Kill::Not);
                let waits = matches!(&killing.runs()[0].state, RunState::Parked(_));
                let words: &[&str] = if waits {
                    &["answer", &name, "not done", "--no-input"]
                } else {
                    &["resume", &name, "--no-input"]
                };
                if !ended(&killing) {
                    killing.turn(words, Kill::Not);
                }
            }
        }
        assert!(ended(&killing), "{how}: {:?}", killing.runs());
        killing.no_lock_is_held(&how);
        if killing.is_done("first-0") {
            assert!(killing.is_done("clean-0"), "{how}: it did not clean up");
        }
        assert!(killing.count("first-0") <= 1 && killing.count("last-0") <= 1, "{how}");
        // Another run has its turn at once.
        let next = killing.shell.rbl("run outer.rb --no-input --param id=next");
        assert_eq!(next.code, Some(0), "{how}: {next:?}");
        kills.fetch_add(killing.kills, Ordering::Relaxed);
    });
    let kills = kills.into_inner();
    eprintln!("{kills} kills");
    assert!(kills >= 100, "only {kills} kills");
}
