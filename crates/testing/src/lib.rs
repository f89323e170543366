//! Tests of runbooks: runs them in the scripted world, checks their expectations and explains each failure.
//!
//! *Invariant:* a test has no access to the real world: all its effects are performed in [`crate::scripted`].

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
