//! Measures what the tests of one `rbl test` call cover: the arms and the paths of each runbook, and the most serious
//! path that no test takes.
//!
//! *What is counted:* an arm belongs to the runbook that contains it, and counts as often as any test takes it, even a
//! test of a runbook that runs this one. A path leads through the whole runbook that a test is of. A runbook is not
//! counted if this call has no test of it and did not name it, even if other runbooks run it.

mod covered;
pub mod share;
mod taken;

pub use covered::{Coverage, CoverageSubject, Covered, CoveredSite, Untested};
pub use share::Share;
pub use taken::TakenPaths;
