//! The paths of a runbook, told: for people, for programs, and as drawings.

use crate::check::paths::Weighed;

mod diff;
mod draw;
mod duration;
mod json;
mod text;

pub(super) use diff::{Versions, json as diff_json, markdown, schema as diff_schema, text as diff_text};
pub(super) use draw::{dot, mermaid};
pub(super) use duration::{between, count, seconds};
pub(super) use json::{all as json, one as json_of, schema};
pub(super) use text::{Look, full, how_many, how_much, list};

/// So many paths are listed one by one; of more, those that end alike are merged and counted.
const LISTED: u128 = 10_000;

/// So many lines of a list are printed.
pub(super) const LINES: u128 = 1_000_000;

/// Whether there are too many paths to list.
fn merges(all: &Weighed) -> bool {
    all.paths > LISTED || all.paths.saturating_mul(all.nodes) > LINES
}
