//! The paths of a runbook, told: for people, for programs, and as drawings.

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
pub use text::{Look, bare, full, how_many, how_much, list, sentence, ways};

/// So many paths are listed one by one; of more, those that end alike are merged and counted.
const LISTED: u128 = 10_000;

/// So many lines of a list are printed.
pub const LINES: u128 = 1_000_000;

/// So many ways on are listed one by one.
pub const LISTED_WAYS: u128 = 50;

/// Each path that a run may still take: its number, the path, and how many of its places lie behind the run.
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
