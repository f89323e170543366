//! Coverage as JSON: one object for each runbook, and a last one for all.

use schemars::JsonSchema;
use serde::Serialize;

use crate::json;
use crate::paths::PathDetails;
use rbl_terminal::Output;
use rbl_testing::coverage::Share;
use rbl_testing::coverage::{Coverage, CoveredSite, Untested};

/// A line of `rbl test --coverage=json`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(title = "rbl test --coverage=json")]
enum CoverageLine {
    /// One runbook.
    Runbook {
        /// Its title, as written.
        runbook: String,
        /// Its file.
        file: String,
        /// The number of tests of it.
        tests: usize,
        #[serde(flatten)]
        measured: CoverageTotals,
        /// The places with several arms, in the order of the text.
        sites: Vec<SiteLine>,
    },
    /// All runbooks: the last line.
    Summary {
        /// The number of runbooks.
        runbooks: usize,
        #[serde(flatten)]
        measured: CoverageTotals,
        /// The number of tests that a filter left out.
        left_out: usize,
        /// The number of files with errors, which are not counted.
        with_errors: usize,
        /// The most serious path that no test takes.
        #[serde(skip_serializing_if = "Option::is_none")]
        untested: Option<Box<UntestedPath>>,
    },
}

/// How much is covered.
#[derive(Debug, Serialize, JsonSchema)]
struct CoverageTotals {
    /// The number of arms that tests take.
    arms_taken: usize,
    /// The number of arms.
    arms: usize,
    /// The percentage of arms that tests take.
    percent: f64,
    /// The number of paths that tests take.
    paths_taken: u64,
    /// The number of paths; the greatest value means that many or more.
    paths: u64,
}

/// A place with arms.
#[derive(Debug, Serialize, JsonSchema)]
struct SiteLine {
    /// Its line, from 1.
    line: u32,
    /// The text of the statement or condition at this place.
    text: String,
    /// How often a run reached this place.
    reached: u64,
    /// Its arms.
    arms: Vec<ArmLine>,
}

/// An arm.
#[derive(Debug, Serialize, JsonSchema)]
struct ArmLine {
    /// Its name: `yes`, `fails`, `not delivered`.
    turn: String,
    /// How often it was taken.
    taken: u64,
}

/// A path that no test takes.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(clippy::struct_excessive_bools)] // each of them makes a path more serious
struct UntestedPath {
    /// The file of the runbook.
    file: String,
    /// Whether it starts an action.
    acts: bool,
    /// Whether a page on it is not delivered.
    unheard: bool,
    /// Whether something on it is unknown.
    unknown: bool,
    /// Whether it takes an arm that no test takes.
    untaken: bool,
    /// The path.
    path: PathDetails,
}

/// The schema of a line.
pub fn schema() -> schemars::Schema {
    json::schema::<CoverageLine>()
}

/// Prints the coverage.
pub fn print(coverage: &Coverage, out: &mut Output) {
    let mut line = |line: &CoverageLine| out.line(&json::line(line));
    for covered in &coverage.runbooks {
        line(&CoverageLine::Runbook {
            runbook: covered.title.clone(),
            file: covered.file.clone(),
            tests: covered.tests,
            measured: CoverageTotals::of(covered.arms(), (covered.paths_taken, covered.paths)),
            sites: covered.sites.iter().map(SiteLine::of).collect(),
        });
    }
    line(&CoverageLine::Summary {
        runbooks: coverage.runbooks.len(),
        measured: CoverageTotals::of(coverage.arms(), coverage.paths()),
        left_out: coverage.left_out,
        with_errors: coverage.broken,
        untested: coverage.untested.as_ref().map(|it| Box::new(UntestedPath::of(it))),
    });
}

impl CoverageTotals {
    fn of(arms: Share, (paths_taken, paths): (u128, u128)) -> Self {
        let number = |it: u128| u64::try_from(it).unwrap_or(u64::MAX);
        Self {
            arms_taken: arms.covered,
            arms: arms.of,
            percent: arms.percent(),
            paths_taken: number(paths_taken),
            paths: number(paths),
        }
    }
}

impl SiteLine {
    fn of(site: &CoveredSite) -> Self {
        Self {
            line: site.line,
            text: site.text.clone(),
            reached: site.reached,
            arms: site.arms.iter().map(|arm| ArmLine { turn: arm.turn.clone(), taken: arm.taken }).collect(),
        }
    }
}

impl UntestedPath {
    fn of(untested: &Untested) -> Self {
        Self {
            file: untested.file.clone(),
            acts: untested.seriousness.acts,
            unheard: untested.seriousness.unheard,
            unknown: untested.seriousness.unknown,
            untaken: untested.seriousness.untaken,
            path: PathDetails::of(untested.number.unwrap_or(u128::MAX), &untested.description, 0),
        }
    }
}
