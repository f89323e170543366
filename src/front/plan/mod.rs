//! The output of a plan after the walk: what would be done next, and every way to continue.

mod json;
mod text;

pub(super) use json::{ending as json_ending, schema, ways as json_ways, would as json_would};
pub(super) use text::would;

use super::paths::LISTED_WAYS;
use crate::check::paths::GoingOn;

/// Whether there are too many ways to list.
pub(super) fn merges(going_on: &GoingOn) -> bool {
    going_on.count() > LISTED_WAYS
}
