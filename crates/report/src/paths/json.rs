//! Paths for programs: one JSON object a line.

use schemars::JsonSchema;
use serde::Serialize;

use super::merges;
use crate::json;
use rbl_check::paths::{Paths, Told, ToldEnd, ToldStep, Weighed};
use rbl_syntax::tree::Outcome;

/// A line of `rbl paths --format json`. Times are in seconds; `null` is no known limit.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(title = "rbl paths --format json")]
enum Line {
    /// All together: the first line.
    Paths {
        /// The runbook's title, as written.
        runbook: String,
        /// Its file.
        file: String,
        #[serde(flatten)]
        all: All,
        /// Whether those that end at the same place are merged, because there are too many to list.
        merged: bool,
    },
    /// One path.
    Path(Box<One>),
    /// Where paths end that were merged.
    End {
        #[serde(flatten)]
        end: End,
        #[serde(flatten)]
        all: All,
    },
}

/// One path.
#[derive(Debug, Serialize, JsonSchema)]
pub struct One {
    /// Its number, from 1.
    number: u64,
    #[serde(flatten)]
    end: End,
    /// Seconds at most.
    longest: Option<f64>,
    /// Seconds at least.
    shortest: f64,
    /// The most actions.
    actions: Option<f64>,
    /// The most pages.
    pages: Option<f64>,
    /// Its nodes, in order.
    steps: Vec<Step>,
}

/// What several paths come to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct All {
    /// How many paths; the greatest number there is stands for that many and more.
    paths: u64,
    /// Seconds at most.
    longest: Option<f64>,
    /// Seconds at least.
    shortest: f64,
    /// The most actions on one.
    actions: Option<f64>,
    /// The most pages on one.
    pages: Option<f64>,
}

/// How it ends.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(clippy::struct_field_names)] // they stand beside those of the path
pub struct End {
    /// If the pages that the run itself makes arrive, and the clean-up succeeds.
    outcome: Outcome,
    /// What ends it, as written, or in words.
    end: String,
    /// The file.
    end_file: String,
    /// The line, from 1.
    end_line: u32,
    /// Who is paged; of merged paths, who the run itself pages there.
    paged: Vec<String>,
    /// Whether the run itself pages the owner, for what the runbook does not handle.
    by_the_run: bool,
}

/// One node of a path.
#[derive(Debug, Serialize, JsonSchema)]
struct Step {
    /// The file.
    file: String,
    /// The line, from 1.
    line: u32,
    /// As written.
    text: String,
    /// The way that is taken, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    turn: Option<String>,
    /// Whether that decides about the path.
    decides: bool,
    /// How many runbooks and loops deep.
    depth: u32,
    /// Seconds that it takes at most.
    longest: Option<f64>,
}

/// The schema of a line.
pub fn schema() -> schemars::Schema {
    json::schema::<Line>()
}

/// Every path, or every end where there are too many.
pub fn all(title: &str, file: &str, paths: &Paths, mut line: impl FnMut(&str)) {
    let total = paths.total();
    let merged = merges(&total);
    let first = Line::Paths { runbook: title.into(), file: file.into(), all: All::of(&total), merged };
    line(&written(&first));
    if merged {
        for (end, weighed) in paths.ends() {
            line(&written(&Line::End { end: End::of(&end), all: All::of(&weighed) }));
        }
        return;
    }
    for number in 1..=total.paths {
        if let Some(told) = paths.path(number).and_then(|path| paths.tell(&path)) {
            line(&one(number, &told));
        }
    }
}

/// One path.
pub fn one(number: u128, told: &Told) -> String {
    written(&Line::Path(Box::new(One::of(number, told, 0))))
}

fn written(line: &Line) -> String {
    json::line(line)
}

impl One {
    /// A path, without so many of its first nodes.
    pub fn of(number: u128, told: &Told, behind: usize) -> Self {
        Self {
            number: u64::try_from(number).unwrap_or(u64::MAX),
            end: End::of(&told.end),
            longest: told.longest.0,
            shortest: told.shortest,
            actions: told.actions.0,
            pages: told.pages.0,
            steps: told.steps.iter().skip(behind).map(Step::of).collect(),
        }
    }
}

impl All {
    /// What these come to.
    pub fn of(all: &Weighed) -> Self {
        Self {
            paths: u64::try_from(all.paths).unwrap_or(u64::MAX),
            longest: all.longest.0,
            shortest: all.shortest,
            actions: all.actions.0,
            pages: all.pages.0,
        }
    }
}

impl End {
    /// This end.
    pub fn of(end: &ToldEnd) -> Self {
        Self {
            outcome: end.outcome,
            end: end.text.clone(),
            end_file: end.file.to_string(),
            end_line: end.line,
            paged: end.paged.clone(),
            by_the_run: end.by_the_run,
        }
    }
}

impl Step {
    fn of(step: &ToldStep) -> Self {
        Self {
            file: step.file.to_string(),
            line: step.line,
            text: step.text.clone(),
            turn: step.turn.clone(),
            decides: step.decides,
            depth: step.depth,
            longest: step.longest.0,
        }
    }
}
