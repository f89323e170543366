//! The output of a plan after the walk: what would be done next, and every way to continue.

mod json;
mod text;

pub use json::{ending as json_ending, schema, ways as json_ways, would as json_would};
pub use text::would;

use super::paths::LISTED_WAYS;
use rbl_check::paths::UnfinishedRun;

/// Whether there are too many ways to list.
pub fn merges(going_on: &UnfinishedRun) -> bool {
    going_on.count() > LISTED_WAYS
}
