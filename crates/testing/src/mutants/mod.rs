//! Mutants: small changes of a runbook, and which of them its tests notice. What no test notices nobody would notice.
//!
//! *Invariant:* only the runbook under test is changed, never its tests, nor what it takes in and runs. What a mutant is can
//! be shown as a changed line: it is made in the text, and read and checked again.

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
