//! Rehearsing runbooks: tests are run in the scripted world, what came of each is judged, and a failure explains itself.
//!
//! *Invariant:* nothing real is within reach: a rehearsal performs its effects in [`crate::world::scripted`] and nowhere else.

mod case;
pub(in crate::front) mod coverage;
mod expectation;
mod failure;
pub mod mutants;
mod performed;
mod premise;
pub mod recalled;
pub(in crate::front) mod report;
mod story;
mod suite;
mod uncounted;
pub mod worlds;
pub mod written;

pub use case::{Case, Row, cases};
pub use expectation::Unmet;
pub use failure::{Failure, Reason};
pub use performed::{Performed, Rehearsal, Told};
pub use premise::Premise;
pub use story::{Line, story};
pub use suite::{TestResult, rehearse};
