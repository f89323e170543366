//! Runs one test in all its cases. [`run_test`] returns a [`TestResult`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::case::{TestCase, cases};
use super::expectation::{UnmetExpectation, unmet};
use super::failure::{Failure, FailureReason, places};
use super::idle_line::idle_lines;
use super::simulated_run::{EventUse, Performed, SimulatedRun, TimedEvent};
use super::story::story;
use rbl_check::Program;
use rbl_syntax::source::{Place, SourceId};
use rbl_syntax::tree::Test;

/// How much the tests of one file may compute altogether, so that a file of tests that each take a second, or a table of a
/// thousand lines, ends. Steps are those of the runs.
#[derive(Debug, Default)]
pub struct TestBudget {
    steps: AtomicU64,
}

impl TestBudget {
    /// The most steps of all runs of a file.
    pub const MOST_STEPS: u64 = 32_000_000;

    fn spend(&self, steps: u64) {
        self.steps.fetch_add(steps, Ordering::Relaxed);
    }

    fn is_spent(&self) -> bool {
        self.steps.load(Ordering::Relaxed) > Self::MOST_STEPS
    }
}

/// The result of a test.
#[derive(Debug, Clone)]
pub struct TestResult {
    /// Its title.
    pub title: String,
    /// Its place.
    pub place: Place,
    /// The failures; empty if it passed.
    pub failures: Vec<Failure>,
    /// The lines of it that no run of it needed: an answer to a question that was never asked, the failure of an action that was
    /// never done.
    pub idle: Vec<Place>,
    /// Its runs, in the order of the tables' lines, without those that could not be started.
    pub runs: Vec<Performed>,
    /// How long running it took on the real clock, where the caller measured it.
    pub took: Duration,
}

impl TestResult {
    /// Whether every run met all expectations.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }

    /// The time that passed in its runs, in simulated seconds.
    pub fn simulated(&self) -> f64 {
        self.runs.iter().map(|run| run.seconds).sum()
    }
}

/// How many statements a test executes, with all lines of its tables, and its effects as statements; 0 for one that cannot be
/// read.
pub fn executed_statements(program: &Program, source: SourceId, test: &Test) -> u64 {
    let cases = cases(test).unwrap_or_default();
    let runs = cases.iter().filter_map(|case| SimulatedRun::new(program, source, case.lines()).ok());
    runs.map(|run| run.reached().1).sum()
}

/// Runs a test of a program, once with each line of its tables. `source`: the file of the test. `used_for`: what the
/// events of the runs are used for afterwards; a failure has its story in any case. `budget`: what the tests of the file may
/// still compute.
pub fn run_test(
    program: &Program,
    source: SourceId,
    test: &Test,
    used_for: EventUse,
    budget: &TestBudget,
) -> TestResult {
    let mut result = TestResult {
        title: test.title.literal().unwrap_or_default().to_owned(),
        place: test.span.in_source(source),
        failures: Vec::new(),
        idle: Vec::new(),
        runs: Vec::new(),
        took: Duration::ZERO,
    };
    match cases(test) {
        Ok(cases) => {
            let of = cases.len();
            for case in &cases {
                if budget.is_spent() {
                    let reason = FailureReason::Spent { test: result.place };
                    result.failures.push(Failure { rows: Vec::new(), of, reason, story: Vec::new() });
                    break;
                }
                one(program, (source, case, used_for), of, &mut result);
                budget.spend(result.runs.last().map_or(0, |run| run.steps));
            }
        }
        Err(table) => result.failures.push(Failure {
            rows: Vec::new(),
            of: 0,
            reason: FailureReason::TooMany { at: table.in_source(source) },
            story: Vec::new(),
        }),
    }
    result.idle =
        idle_lines(program, test, &result.runs).into_iter().map(|span| span.in_source(source)).collect();
    result
}

/// Runs one case; a failure is merged with that of an earlier run that failed in the same way.
fn one(
    program: &Program,
    (source, case, used_for): (SourceId, &TestCase<'_>, EventUse),
    of: usize,
    result: &mut TestResult,
) {
    let (reason, run) = match SimulatedRun::new(program, source, case.lines()) {
        Err(unclear) => {
            let at = unclear.span.in_source(source);
            (Some(FailureReason::Unclear { at, why: unclear.why }), None)
        }
        Ok(rehearsal) => {
            let mut run = rehearsal.perform_for(used_for);
            let mut reason = judged(&rehearsal, &run, result.place);
            if reason.is_some() && used_for == EventUse::Judging {
                // The same run again, now to tell where it went and what happened on the way.
                run = rehearsal.perform();
                reason = judged(&rehearsal, &run, result.place);
            }
            (reason, Some(run))
        }
    };
    if let Some(reason) = reason {
        let row = places(&case.rows, source);
        if let Some(alike) = result.failures.iter_mut().find(|failure| failure.reason.is_like(&reason)) {
            alike.rows.push(row);
        } else {
            let story = run.as_ref().map(story).unwrap_or_default();
            result.failures.push(Failure { rows: vec![row], of, reason, story });
        }
    }
    result.runs.extend(run.map(|mut run| {
        // The story is written; coverage does without a run that has so many events.
        if run.ran_away || !result.failures.is_empty() && run.events.len() > MOST_KEPT {
            run.events = Vec::new();
        }
        run
    }));
}

/// The most events of a run of a failed test that are kept once its story is written: those of a loop of thousands of passes
/// would fill the memory, a table of such runs many times.
const MOST_KEPT: usize = 20_000;

/// Whether one run of a test meets its expectations. `reread` changes the result of the run before it is judged.
pub(crate) fn passes(
    program: &Program,
    source: SourceId,
    case: &TestCase<'_>,
    reread: impl FnOnce(&mut Performed),
) -> bool {
    SimulatedRun::new(program, source, case.lines()).is_ok_and(|simulated| {
        let mut run = simulated.perform_for(EventUse::Judging);
        reread(&mut run);
        !run.ran_away && simulated.wanted.iter().all(|(_, wanted)| unmet(wanted, &run).is_none())
    })
}

/// Returns why a run does not meet its expectations; `None` if it does.
fn judged(simulated: &SimulatedRun<'_>, run: &Performed, test: Place) -> Option<FailureReason> {
    if run.ran_away {
        let place = |timed: &TimedEvent| timed.event.place.clone();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates, and is not negative
        return Some(FailureReason::Endless {
            test,
            seconds: run.seconds as u64,
            at: run.events.iter().rev().find_map(place),
        });
    }
    let all: Vec<UnmetExpectation> = simulated
        .wanted
        .iter()
        .filter_map(|(expected, wanted)| {
            let (happened, at) = unmet(wanted, run)?;
            Some(UnmetExpectation { expected: *expected, happened, at })
        })
        .collect();
    (!all.is_empty()).then_some(FailureReason::Unmet(all))
}
