//! Runs one test in all its cases. [`run_test`] returns a [`TestResult`].

use std::time::Duration;

use super::case::{TestCase, cases};
use super::expectation::{UnmetExpectation, unmet};
use super::failure::{Failure, FailureReason, places};
use super::simulated_run::{Performed, SimulatedRun, TimedEvent};
use super::story::story;
use rbl_check::Program;
use rbl_syntax::source::{Place, SourceId};
use rbl_syntax::tree::Test;

/// The result of a test.
#[derive(Debug, Clone)]
pub struct TestResult {
    /// Its title.
    pub title: String,
    /// Its place.
    pub place: Place,
    /// The failures; empty if it passed.
    pub failures: Vec<Failure>,
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

/// Runs a test of a program, once with each line of its tables. `source`: the file of the test.
pub fn run_test(program: &Program, source: SourceId, test: &Test) -> TestResult {
    let mut result = TestResult {
        title: test.title.literal().unwrap_or_default().to_owned(),
        place: test.span.in_source(source),
        failures: Vec::new(),
        runs: Vec::new(),
        took: Duration::ZERO,
    };
    match cases(test) {
        Ok(cases) => {
            let of = cases.len();
            for case in &cases {
                one(program, source, case, of, &mut result);
            }
        }
        Err(table) => result.failures.push(Failure {
            rows: Vec::new(),
            of: 0,
            reason: FailureReason::TooMany { at: table.in_source(source) },
            story: Vec::new(),
        }),
    }
    result
}

/// Runs one case; a failure is merged with that of an earlier run that failed in the same way.
fn one(program: &Program, source: SourceId, case: &TestCase<'_>, of: usize, result: &mut TestResult) {
    let (reason, run) = match SimulatedRun::new(program, source, case.lines()) {
        Err(unclear) => {
            let at = unclear.span.in_source(source);
            (Some(FailureReason::Unclear { at, why: unclear.why }), None)
        }
        Ok(rehearsal) => {
            let run = rehearsal.perform();
            (judged(&rehearsal, &run, result.place), Some(run))
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
    result.runs.extend(run);
}

/// Whether one run of a test meets its expectations. `reread` changes the result of the run before it is judged.
pub(crate) fn passes(
    program: &Program,
    source: SourceId,
    case: &TestCase<'_>,
    reread: impl FnOnce(&mut Performed),
) -> bool {
    SimulatedRun::new(program, source, case.lines()).is_ok_and(|simulated| {
        let mut run = simulated.perform();
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
