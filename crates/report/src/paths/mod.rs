//! The paths of a runbook, printed for people and as JSON for programs.

use rbl_check::paths::{PathDescription, Paths, UnfinishedRun, Weighed};

mod diff;
mod duration;
mod json;
mod text;

pub use diff::{Versions, json as diff_json, markdown, schema as diff_schema, text as diff_text};
pub use duration::{between, count, seconds};
pub use json::{PathDetails, PathEnd, PathTotals, all as json, one as json_of, schema};
pub use text::{PathsLayout, full, how_much, list, sentence, ways};

/// The most paths that are listed one by one. If there are more, paths with the same end are merged and counted.
const LISTED: u128 = 10_000;

/// The most lines of a list that are printed.
pub const LINES: u128 = 1_000_000;

/// The most ways to continue that are listed one by one.
pub const LISTED_WAYS: u128 = 50;

/// Each path that a run may still take: its number, the path, and how many of its nodes the run has passed.
pub fn describe_remaining<'a>(
    paths: &'a Paths,
    going_on: &'a UnfinishedRun,
) -> impl Iterator<Item = (u128, PathDescription, usize)> + 'a {
    going_on.stretches.iter().flat_map(move |stretch| {
        let description = |number: u128| {
            let description = paths.path(number).and_then(|path| paths.describe(&path))?;
            Some((number, description, stretch.behind))
        };
        stretch.numbers.clone().filter_map(description)
    })
}

/// Whether there are too many paths to list.
fn merges(all: &Weighed) -> bool {
    all.paths > LISTED || all.paths.saturating_mul(all.nodes) > LINES
}
