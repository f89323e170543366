//! What the tests of a call come by: of each runbook its arms and its paths, and the most serious path that none takes.
//!
//! *What is counted:* an arm belongs to the runbook that it stands in, and counts as often as any test takes it, be it a test
//! of a runbook that runs this one. A path is one through the whole runbook that a test is of. A runbook that no test
//! of this call is of, and that was not meant itself, is not counted, though others run it.

mod covered;
pub mod share;
mod taken;

pub use covered::{Coverage, Covered, Site, Subject, Untested};
pub use share::Share;
pub use taken::Taken;
