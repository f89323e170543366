//! The paths of a runbook, printed for people, as JSON for programs, and as drawings.

use rbl_check::paths::{GoingOn, Paths, Told, Weighed};

mod diff;
mod draw;
mod duration;
mod json;
mod text;

pub use diff::{Versions, json as diff_json, markdown, schema as diff_schema, text as diff_text};
pub use draw::{dot, mermaid};
pub use duration::{between, count, seconds};
pub use json::{All, End, One, all as json, one as json_of, schema};
pub use text::{Look, full, how_much, list, sentence, ways};

/// The most paths that are listed one by one. If there are more, paths with the same end are merged and counted.
const LISTED: u128 = 10_000;

/// The most lines of a list that are printed.
pub const LINES: u128 = 1_000_000;

/// The most ways to continue that are listed one by one.
pub const LISTED_WAYS: u128 = 50;

/// Each path that a run may still take: its number, the path, and how many of its nodes the run has passed.
pub fn told_ways<'a>(
    paths: &'a Paths,
    going_on: &'a GoingOn,
) -> impl Iterator<Item = (u128, Told, usize)> + 'a {
    going_on.stretches.iter().flat_map(move |stretch| {
        let told = |number: u128| {
            let told = paths.path(number).and_then(|path| paths.tell(&path))?;
            Some((number, told, stretch.behind))
        };
        stretch.numbers.clone().filter_map(told)
    })
}

/// Whether there are too many paths to list.
fn merges(all: &Weighed) -> bool {
    all.paths > LISTED || all.paths.saturating_mul(all.nodes) > LINES
}
