//! The paths of a runbook, told: for people, for programs, and as drawings.

mod draw;
mod duration;
mod json;
mod text;

pub(super) use draw::{dot, mermaid};
pub(super) use duration::{between, count, seconds};
pub(super) use json::{all as json, one as json_of, schema};
pub(super) use text::{Look, full, how_much, list};

/// So many paths are listed one by one; of more, those that end alike are merged and counted.
pub(super) const LISTED: u128 = 10_000;
