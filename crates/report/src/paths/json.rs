//! Paths as JSON for programs: one object on each line.

use schemars::JsonSchema;
use serde::Serialize;

use super::merges;
use crate::json;
use rbl_check::paths::{EndDescription, PathDescription, Paths, StepDescription, Weighed};
use rbl_syntax::tree::ExpectedOutcome;

/// A line of `rbl paths --format json`. Times are in seconds; `null` means no known limit.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(title = "rbl paths --format json")]
enum PathsLine {
    /// The totals of all paths: the first line.
    Paths {
        /// The runbook's title, as written.
        runbook: String,
        /// The runbook's file.
        file: String,
        #[serde(flatten)]
        all: PathTotals,
        /// Whether paths that end at the same place are merged, because there are too many to list.
        merged: bool,
    },
    /// One path.
    Path(Box<PathDetails>),
    /// An end of merged paths.
    End {
        #[serde(flatten)]
        end: PathEnd,
        #[serde(flatten)]
        all: PathTotals,
    },
}

/// One path.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PathDetails {
    /// Its number, from 1.
    number: u64,
    #[serde(flatten)]
    end: PathEnd,
    /// The longest time, in seconds.
    longest: Option<f64>,
    /// The shortest time, in seconds.
    shortest: f64,
    /// The largest number of actions.
    actions: Option<f64>,
    /// The largest number of pages.
    pages: Option<f64>,
    /// The nodes, in order.
    steps: Vec<PathStepLine>,
}

/// The totals of several paths.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PathTotals {
    /// The number of paths. The largest integer means that many or more.
    paths: u64,
    /// The longest time, in seconds.
    longest: Option<f64>,
    /// The shortest time, in seconds.
    shortest: f64,
    /// The largest number of actions on one path.
    actions: Option<f64>,
    /// The largest number of pages on one path.
    pages: Option<f64>,
}

/// The end of a path.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(clippy::struct_field_names)] // they are flattened beside those of the path
pub struct PathEnd {
    /// The outcome, if the run's own pages arrive and the clean-up succeeds.
    outcome: ExpectedOutcome,
    /// What ends the path: the statement as written, or a description.
    end: String,
    /// The file of the end.
    end_file: String,
    /// The line of the end, from 1.
    end_line: u32,
    /// The teams that are paged; for merged paths, the teams that the run itself pages at this end.
    paged: Vec<String>,
    /// Whether the run itself pages the owner, for what the runbook does not handle.
    by_the_run: bool,
}

/// One node of a path.
#[derive(Debug, Serialize, JsonSchema)]
struct PathStepLine {
    /// The file.
    file: String,
    /// The line, from 1.
    line: u32,
    /// The statement, as written.
    text: String,
    /// The arm that is taken, if there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    turn: Option<String>,
    /// Whether this choice distinguishes the path from others.
    decides: bool,
    /// The nesting depth in runbooks and loops.
    depth: u32,
    /// The longest time of this node, in seconds.
    longest: Option<f64>,
}

/// The JSON schema of a line.
pub fn schema() -> schemars::Schema {
    json::schema::<PathsLine>()
}

/// Prints every path, or every end if there are too many.
pub fn all(title: &str, file: &str, paths: &Paths, mut line: impl FnMut(&str)) {
    let total = paths.total();
    let merged = merges(&total);
    let first =
        PathsLine::Paths { runbook: title.into(), file: file.into(), all: PathTotals::of(&total), merged };
    line(&json_text(&first));
    if merged {
        for (end, weighed) in paths.ends() {
            line(&json_text(&PathsLine::End { end: PathEnd::of(&end), all: PathTotals::of(&weighed) }));
        }
        return;
    }
    for number in 1..=total.paths {
        if let Some(description) = paths.path(number).and_then(|path| paths.describe(&path)) {
            line(&one(number, &description));
        }
    }
}

/// Formats one path.
pub fn one(number: u128, description: &PathDescription) -> String {
    json_text(&PathsLine::Path(Box::new(PathDetails::of(number, description, 0))))
}

fn json_text(line: &PathsLine) -> String {
    json::line(line)
}

impl PathDetails {
    /// Describes a path without its first `behind` nodes.
    pub fn of(number: u128, description: &PathDescription, behind: usize) -> Self {
        Self {
            number: u64::try_from(number).unwrap_or(u64::MAX),
            end: PathEnd::of(&description.end),
            longest: description.longest.0,
            shortest: description.shortest,
            actions: description.actions.0,
            pages: description.pages.0,
            steps: description.steps.iter().skip(behind).map(PathStepLine::of).collect(),
        }
    }
}

impl PathTotals {
    /// Describes the totals of paths.
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

impl PathEnd {
    /// Describes an end.
    pub fn of(end: &EndDescription) -> Self {
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

impl PathStepLine {
    fn of(step: &StepDescription) -> Self {
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
