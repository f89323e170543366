//! Tests of runbooks: runs them in the scripted world, checks their expectations and explains each failure.
//!
//! *Invariant:* a test has no access to the real world: all its effects are performed in [`crate::world::scripted`].

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
