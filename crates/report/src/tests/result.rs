//! The result of a test, in words and lines. All report formats use [`Tested`] and [`TestsSummary`]; as JSON they are the
//! report itself.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::json;
use rbl_runtime::EventPlace;
use rbl_syntax::counted;
use rbl_syntax::source::{Place, Sources};
use rbl_syntax::value::Took;
use rbl_testing::StoryLine;
use rbl_testing::{Failure, FailureReason};
use rbl_testing::{TestBudget, TestResult};

/// The result of a test.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Tested {
    /// Always `test`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Its title.
    pub(super) title: String,
    /// Its file.
    pub(super) file: String,
    /// Its line, from 1.
    pub(super) line: u32,
    /// Whether every run met all expectations.
    pub(super) passed: bool,
    /// The number of its runs: one, or one for each line of its table.
    pub(super) runs: usize,
    /// The elapsed time, in seconds.
    pub(super) seconds: f64,
    /// The time that passed in its runs, in simulated seconds.
    pub(super) simulated: f64,
    /// Why it failed; runs that failed in the same way are one failure.
    pub(super) failures: Vec<Failed>,
    /// The lines of it that never took effect: an answer to a question that was not asked, the failure of an action that was not done.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) idle: Vec<SourceLine>,
}

/// Why a test failed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(super) struct Failed {
    /// The expectations that were not met.
    pub(super) unmet: Vec<UnmetLine>,
    /// The lines of the test's tables with which it fails in this way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) with: Vec<SourceLine>,
    /// The number of runs that failed in this way.
    pub(super) alike: usize,
    /// The number of runs that the test has.
    pub(super) of: usize,
    /// What happened in the first of them. Of more than a thousand lines, the first 300 and the last 700.
    pub(super) story: Vec<ReportedEvent>,
    /// How many lines were left out between these.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) story_left_out: usize,
}

/// How many lines of the beginning of a long story are kept, and how many of its end: a loop of a hundred thousand passes in each
/// of hundreds of tests would take gigabytes.
pub(super) const FIRST_KEPT: usize = 300;
const LAST_KEPT: usize = 700;

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A line of the test, and what happened instead.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(super) struct UnmetLine {
    /// The line.
    pub(super) expected: SourceLine,
    /// What happened.
    pub(super) happened: String,
    /// Where in the runbook it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<SourceLine>,
}

/// A place and its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct SourceLine {
    /// The file.
    pub(super) file: String,
    /// The line, from 1.
    pub(super) line: u32,
    /// The text there, in one line.
    pub(super) text: String,
}

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ReportedEvent {
    /// Simulated seconds since the start.
    pub(super) at: f64,
    /// The file of the runbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<u32>,
    /// A word for the kind of event: `yes`, `done`, `paged`.
    pub(super) word: &'static str,
    /// What happened, and the values that decided.
    pub(super) text: String,
}

/// The result of all tests: the last line.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TestsSummary {
    /// Always `summary`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The number of tests.
    pub(super) tests: usize,
    /// The number of tests that failed.
    pub(super) failed: usize,
    /// The number of tests that a filter left out.
    pub(super) left_out: usize,
    /// The number of their runs.
    pub(super) runs: usize,
    /// The elapsed time, in seconds.
    pub(super) seconds: f64,
    /// The time that passed in them, in simulated seconds.
    pub(super) simulated: f64,
}

/// A line of `rbl test --format json`.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(title = "rbl test --format json")]
#[allow(dead_code)] // used only for its schema
enum TestLine {
    Test(Tested),
    Summary(TestsSummary),
}

/// The schema of a line.
pub fn schema() -> schemars::Schema {
    json::schema::<TestLine>()
}

impl TestsSummary {
    /// Computes the summary of these tests.
    pub(super) fn of(tests: &[Tested], left_out: usize, took: Duration) -> Self {
        Self {
            kind: "summary",
            tests: tests.len(),
            failed: tests.iter().filter(|test| !test.passed).count(),
            left_out,
            runs: tests.iter().map(|test| test.runs).sum(),
            seconds: rounded(took.as_secs_f64()),
            // The sum of no floats is -0.0.
            simulated: tests.iter().map(|test| test.simulated).sum::<f64>() + 0.0,
        }
    }
}

/// `3 tests, 7 runs: all passed, in 12ms (2h 5m simulated)`
impl std::fmt::Display for TestsSummary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let passed = match self.failed {
            0 if self.tests == 1 => "passed".to_owned(),
            0 => "all passed".to_owned(),
            failed => format!("{failed} failed"),
        };
        let runs = counted(self.runs, "run", "runs");
        write!(f, "{}, {runs}: {passed}", counted(self.tests, "test", "tests"))?;
        if self.left_out > 0 {
            write!(f, ", {} left out", self.left_out)?;
        }
        write!(f, ", in {} ({} simulated)", Took(self.seconds), Took(self.simulated))
    }
}

/// Rounds to the millisecond; smaller differences vary from run to run.
pub fn rounded(seconds: f64) -> f64 {
    (seconds * 1e3).round() / 1e3
}

/// Describes the result of a test.
pub fn tested(result: &TestResult, sources: &Sources) -> Tested {
    let SourceLine { file, line, .. } = source_line(result.place, sources);
    Tested {
        kind: "test",
        title: result.title.clone(),
        file,
        line,
        passed: result.passed(),
        runs: result.runs.len(),
        seconds: rounded(result.took.as_secs_f64()),
        simulated: result.simulated() + 0.0,
        failures: result.failures.iter().map(|failure| failed(failure, sources)).collect(),
        idle: result.idle.iter().map(|line| source_line(*line, sources)).collect(),
    }
}

impl Tested {
    /// Whether it passed.
    pub fn passed(&self) -> bool {
        self.passed
    }
}

fn failed(failure: &Failure, sources: &Sources) -> Failed {
    let in_test = |at: Place, happened: String, place: Option<&EventPlace>| UnmetLine {
        expected: source_line(at, sources),
        happened,
        at: place.map(|place| source_line(place.span.in_source(place.source), sources)),
    };
    let unmet = match &failure.reason {
        FailureReason::Unmet(all) => {
            all.iter().map(|it| in_test(it.expected, it.happened.clone(), it.at.as_ref())).collect()
        }
        FailureReason::Unclear { at, why } => {
            vec![in_test(*at, format!("a test cannot say this: {why}"), None)]
        }
        FailureReason::TooMany { at } => {
            vec![in_test(*at, "the tables make more than 10,000 runs of this one test".into(), None)]
        }
        FailureReason::Spent { test } => {
            let most = TestBudget::MOST_STEPS / 1_000_000;
            let text =
                format!("not run: the tests of this file took more than {most} million steps before it");
            vec![in_test(*test, text, None)]
        }
        FailureReason::Endless { test, seconds, at } => {
            #[allow(clippy::cast_precision_loss)] // shown in two units
            let took = Took(*seconds as f64);
            let text = format!(
                "the run did not end: broken off after {took} simulated: more than 250,000 effects, or 16 million steps"
            );
            vec![in_test(*test, text, at.as_ref())]
        }
    };
    let (first, rest) = failure.story.split_at(FIRST_KEPT.min(failure.story.len()));
    let story_left_out = rest.len().saturating_sub(LAST_KEPT);
    let last = rest.get(story_left_out..).unwrap_or_default();
    Failed {
        unmet,
        with: failure.rows.iter().flatten().map(|row| source_line(*row, sources)).collect(),
        alike: failure.rows.len(),
        of: failure.of,
        story: first.iter().chain(last).map(happened).collect(),
        story_left_out,
    }
}

/// A line of the story, as the report shows it.
pub fn happened(line: &StoryLine) -> ReportedEvent {
    #[allow(clippy::cast_precision_loss)] // milliseconds of a simulated run
    let at = line.at as f64 / 1e3;
    ReportedEvent {
        at,
        file: line.place.as_ref().map(|place| place.file.to_string()),
        line: line.place.as_ref().map(|place| place.line),
        word: line.word,
        text: line.text.clone(),
    }
}

/// A place, and the first line of the text there.
fn source_line(place: Place, sources: &Sources) -> SourceLine {
    let Some(source) = sources.get(place.source) else {
        return SourceLine { file: String::new(), line: 0, text: String::new() };
    };
    let text = source.slice(place.span);
    let first = text.lines().next().unwrap_or("").trim();
    let more = if text.trim_end().lines().nth(1).is_some() { " …" } else { "" };
    SourceLine {
        file: source.name().to_owned(),
        line: source.line_column(place.span.start).line,
        text: format!("{first}{more}"),
    }
}
