//! Mutants as JSON: one object for each mutant, one for each runbook, and a last one for all.

use schemars::JsonSchema;
use serde::Serialize;

use crate::json;
use rbl_terminal::Output;
use rbl_testing::coverage::Share;
use rbl_testing::mutants::Kind;
use rbl_testing::mutants::{Fate, Trial};
use rbl_testing::mutants::{Tally, Tried};

/// A line of `rbl test --mutants=json`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(title = "rbl test --mutants=json")]
enum Line {
    /// A small change of a runbook.
    Mutant {
        /// The file of the runbook.
        file: String,
        /// The line, from 1.
        line: u32,
        /// The kind of change.
        kind: Kind,
        /// The original text.
        before: String,
        /// The changed text; empty if nothing is left of the line.
        after: String,
        /// Whether a test notices it.
        noticed: bool,
        /// The title of the first test that fails with it.
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<String>,
        /// Of one that is not noticed: whether a test reaches it.
        #[serde(skip_serializing_if = "Option::is_none")]
        reached: Option<bool>,
        /// Of one that is not noticed: the test that would notice it.
        #[serde(skip_serializing_if = "Option::is_none")]
        noticed_by: Option<String>,
    },
    /// A runbook, after its mutants.
    Runbook {
        /// Its file.
        file: String,
        /// The number of tests it was tried with.
        tests: usize,
        #[serde(flatten)]
        measured: Measured,
    },
    /// All runbooks: the last line.
    Summary {
        /// The number of runbooks.
        runbooks: usize,
        #[serde(flatten)]
        measured: Measured,
        /// The number of tests that a filter left out.
        left_out: usize,
        /// The number of files with errors, which were not tried.
        with_errors: usize,
        /// The elapsed time, in seconds.
        seconds: f64,
    },
}

/// How many mutants are noticed.
#[derive(Debug, Serialize, JsonSchema)]
struct Measured {
    /// The number of mutants that a test notices.
    noticed: usize,
    /// The number of mutants.
    mutants: usize,
    /// The percentage of mutants that are noticed.
    percent: f64,
}

/// The schema of a line.
pub fn schema() -> schemars::Schema {
    json::schema::<Line>()
}

/// Prints every mutant, every runbook, and the total.
pub fn print(tally: &Tally, out: &mut Output) {
    for tried in &tally.runbooks {
        for trial in &tried.trials {
            say(&mutant(tried, trial), out);
        }
        let (file, tests) = (tried.file.clone(), tried.tests);
        say(&Line::Runbook { file, tests, measured: measured(tried.noticed()) }, out);
    }
    let summary = Line::Summary {
        runbooks: tally.runbooks.len(),
        measured: measured(tally.noticed()),
        left_out: tally.left_out,
        with_errors: tally.broken,
        seconds: (tally.took.as_secs_f64() * 1e3).round() / 1e3,
    };
    say(&summary, out);
}

fn mutant(tried: &Tried, Trial { mutant, fate }: &Trial) -> Line {
    let (by, reached) = match fate {
        Fate::Noticed(title) => (Some(title.clone()), None),
        Fate::Misfit => (None, None),
        Fate::Survived { reached } => (None, Some(*reached)),
    };
    Line::Mutant {
        file: tried.file.clone(),
        line: mutant.line,
        kind: mutant.kind,
        before: mutant.before.clone(),
        after: mutant.after.clone(),
        noticed: fate.noticed(),
        by,
        reached,
        noticed_by: reached.map(|_| mutant.noticed_by.clone()),
    }
}

fn measured(share: Share) -> Measured {
    Measured { noticed: share.covered, mutants: share.of, percent: (share.percent() * 10.0).floor() / 10.0 }
}

fn say(line: &Line, out: &mut Output) {
    out.line(&json::line(line));
}
