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
pub mod left_out;
pub mod mutants;
mod performed;
mod premise;
pub mod story;
mod suite;
pub mod test_writer;

pub use case::{TableRow, TestCase, cases};
pub use expectation::UnmetExpectation;
pub use failure::{Failure, FailureReason};
pub use performed::{Performed, SimulatedRun, TimedEvent};
pub use premise::Premise;
pub use story::{StoryLine, story};
pub use suite::{TestResult, run_test};
