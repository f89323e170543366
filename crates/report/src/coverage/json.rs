//! Coverage for programs: one JSON object a runbook, and a last one for all.

use schemars::JsonSchema;
use serde::Serialize;

use crate::json;
use crate::paths::One;
use rbl_terminal::Output;
use rbl_testing::coverage::Share;
use rbl_testing::coverage::{Coverage, Site, Untested};

/// A line of `rbl test --coverage=json`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(title = "rbl test --coverage=json")]
enum Line {
    /// One runbook.
    Runbook {
        /// Its title, as written.
        runbook: String,
        /// Its file.
        file: String,
        /// How many tests are of it.
        tests: usize,
        #[serde(flatten)]
        measured: Measured,
        /// Where it can go several ways, in the order of the text.
        sites: Vec<SiteLine>,
    },
    /// All of them: the last line.
    Summary {
        /// How many runbooks.
        runbooks: usize,
        #[serde(flatten)]
        measured: Measured,
        /// How many tests a filter left out.
        left_out: usize,
        /// How many files have errors, and are not counted.
        with_errors: usize,
        /// The most serious path that no test takes.
        #[serde(skip_serializing_if = "Option::is_none")]
        untested: Option<Box<Missing>>,
    },
}

/// How much is covered.
#[derive(Debug, Serialize, JsonSchema)]
struct Measured {
    /// How many arms tests take.
    arms_taken: usize,
    /// How many arms there are.
    arms: usize,
    /// How many of a hundred arms tests take.
    percent: f64,
    /// How many paths tests take.
    paths_taken: u64,
    /// How many paths there are; the greatest number there is stands for that many and more.
    paths: u64,
}

/// A place with arms.
#[derive(Debug, Serialize, JsonSchema)]
struct SiteLine {
    /// Its line, from 1.
    line: u32,
    /// What stands there.
    text: String,
    /// How often a run came here.
    reached: u64,
    /// Each way on.
    arms: Vec<ArmLine>,
}

/// A way on.
#[derive(Debug, Serialize, JsonSchema)]
struct ArmLine {
    /// Which: `yes`, `fails`, `not delivered`.
    turn: String,
    /// How often it was taken.
    taken: u64,
}

/// A path that no test takes.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(clippy::struct_excessive_bools)] // each on its own makes a path more serious
struct Missing {
    /// The file of the runbook.
    file: String,
    /// Whether an action is begun on it.
    acts: bool,
    /// Whether a page on it is not delivered.
    unheard: bool,
    /// Whether something on it is not known.
    unknown: bool,
    /// Whether it takes an arm that no test takes.
    untaken: bool,
    /// The path.
    path: One,
}

/// The schema of a line.
pub fn schema() -> schemars::Schema {
    json::schema::<Line>()
}

/// Prints what is covered.
pub fn print(coverage: &Coverage, out: &mut Output) {
    let mut line = |line: &Line| out.line(&json::line(line));
    for covered in &coverage.runbooks {
        line(&Line::Runbook {
            runbook: covered.title.clone(),
            file: covered.file.clone(),
            tests: covered.tests,
            measured: Measured::of(covered.arms(), (covered.paths_taken, covered.paths)),
            sites: covered.sites.iter().map(SiteLine::of).collect(),
        });
    }
    line(&Line::Summary {
        runbooks: coverage.runbooks.len(),
        measured: Measured::of(coverage.arms(), coverage.paths()),
        left_out: coverage.left_out,
        with_errors: coverage.broken,
        untested: coverage.untested.as_ref().map(|it| Box::new(Missing::of(it))),
    });
}

impl Measured {
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
    fn of(site: &Site) -> Self {
        Self {
            line: site.line,
            text: site.text.clone(),
            reached: site.reached,
            arms: site.arms.iter().map(|arm| ArmLine { turn: arm.turn.clone(), taken: arm.taken }).collect(),
        }
    }
}

impl Missing {
    fn of(untested: &Untested) -> Self {
        Self {
            file: untested.file.clone(),
            acts: untested.seriousness.acts,
            unheard: untested.seriousness.unheard,
            unknown: untested.seriousness.unknown,
            untaken: untested.seriousness.untaken,
            path: One::of(untested.number.unwrap_or(u128::MAX), &untested.told, 0),
        }
    }
}
