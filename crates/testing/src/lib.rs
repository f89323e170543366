//! Rehearsing runbooks: tests are run in the scripted world, what came of each is judged, and a failure explains itself.
//!
//! *Invariant:* nothing real is within reach: a rehearsal performs its effects in [`crate::scripted`] and nowhere else.

pub mod from_recording;
pub mod scripted;

mod case;
pub mod coverage;
mod expectation;
mod failure;
pub mod fuzz;
pub mod mutants;
mod performed;
mod premise;
pub mod story;
mod suite;
pub mod test_writer;
pub mod uncounted;

pub use case::{Case, Row, cases};
pub use expectation::Unmet;
pub use failure::{Failure, Reason};
pub use performed::{Performed, Rehearsal, Told};
pub use premise::Premise;
pub use story::{Line, story};
pub use suite::{TestResult, rehearse};
