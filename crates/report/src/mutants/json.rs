//! Mutants as JSON: one object for each mutant, one for each runbook, and a last one for all.

use schemars::JsonSchema;
use serde::Serialize;

use crate::json;
use rbl_terminal::Output;
use rbl_testing::coverage::Share;
use rbl_testing::mutants::MutantKind;
use rbl_testing::mutants::{MutantResult, Trial};
use rbl_testing::mutants::{MutantTally, Tried};

/// A line of `rbl test --mutants=json`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(title = "rbl test --mutants=json")]
enum MutantsLine {
    /// A small change of a runbook.
    Mutant {
        /// The file of the runbook.
        file: String,
        /// The line, from 1.
        line: u32,
        /// The kind of change.
        kind: MutantKind,
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
        /// The number of its mutants that were not tried, because all of them would take too long.
        untried: usize,
        #[serde(flatten)]
        measured: MutantTotals,
    },
    /// All runbooks: the last line.
    Summary {
        /// The number of runbooks.
        runbooks: usize,
        #[serde(flatten)]
        measured: MutantTotals,
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
struct MutantTotals {
    /// The number of mutants that a test notices.
    noticed: usize,
    /// The number of mutants.
    mutants: usize,
    /// The percentage of mutants that are noticed.
    percent: f64,
}

/// The schema of a line.
pub fn schema() -> schemars::Schema {
    json::schema::<MutantsLine>()
}

/// Prints every mutant, every runbook, and the total.
pub fn print(tally: &MutantTally, out: &mut Output) {
    for tried in &tally.runbooks {
        for trial in &tried.trials {
            say(&mutant(tried, trial), out);
        }
        let (file, tests, untried) = (tried.file.clone(), tried.tests, tried.untried);
        say(&MutantsLine::Runbook { file, tests, untried, measured: measured(tried.noticed()) }, out);
    }
    let summary = MutantsLine::Summary {
        runbooks: tally.runbooks.len(),
        measured: measured(tally.noticed()),
        left_out: tally.left_out,
        with_errors: tally.broken,
        seconds: (tally.took.as_secs_f64() * 1e3).round() / 1e3,
    };
    say(&summary, out);
}

fn mutant(tried: &Tried, Trial { mutant, fate }: &Trial) -> MutantsLine {
    let (by, reached) = match fate {
        MutantResult::Noticed(title) => (Some(title.clone()), None),
        MutantResult::Misfit => (None, None),
        MutantResult::Survived { reached } => (None, Some(*reached)),
    };
    MutantsLine::Mutant {
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

fn measured(share: Share) -> MutantTotals {
    MutantTotals {
        noticed: share.covered,
        mutants: share.of,
        percent: (share.percent() * 10.0).floor() / 10.0,
    }
}

fn say(line: &MutantsLine, out: &mut Output) {
    out.line(&json::line(line));
}
