//! Mutation testing: makes small changes of a runbook and finds which of them its tests notice. A change that no test
//! notices could also be made by mistake.
//!
//! *Invariant:* only the runbook under test is changed, never its tests, the files that it uses or the runbooks that it
//! runs. A mutant can be shown as a changed line: the change is made in the text, which is parsed and checked again.

mod arm;
mod deciding;
mod dropped;
pub mod kind;
mod looked;
pub mod mutant;
mod number;
mod operator;
pub mod original;
pub mod quotes;
mod rehearsed;
mod tally;
mod team;
mod time;
pub mod trial;
mod written;

pub use kind::Kind;
pub use looked::mutants;
pub use mutant::{Edit, Mutant};
pub use original::Original;
pub use quotes::Quotes;
pub use rehearsed::{Rehearsed, Tests};
pub use tally::{Tally, Tried};
pub use trial::notices;
pub use trial::{Fate, Trial, trial};
