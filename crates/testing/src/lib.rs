//! Tests of runbooks: runs them in the scripted world, checks their expectations and explains each failure.
//!
//! *Invariant:* a test has no access to the real world: all its effects are performed in [`crate::scripted`].

pub mod from_recording;
pub mod scripted;

mod case;
pub mod coverage;
pub mod exclusions;
mod expectation;
mod failure;
pub mod fuzz;
mod idle_line;
pub mod mutants;
mod premise;
mod simulated_run;
pub mod story;
mod suite;
pub mod test_writer;

pub use case::{TableRow, TestCase, cases};
pub use expectation::UnmetExpectation;
pub use failure::{Failure, FailureReason};
pub use premise::Premise;
pub use simulated_run::{EventUse, Performed, SimulatedRun, TimedEvent};
pub use story::{StoryLine, story};
pub use suite::{TestBudget, TestResult, executed_statements, run_test};
