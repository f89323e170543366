//! Mutation testing: makes small changes of a runbook and finds which of them its tests notice. A change that no test
//! notices could also be made by mistake.
//!
//! *Invariant:* only the runbook under test is changed, never its tests, the files that it uses or the runbooks that it
//! runs. A mutant can be shown as a changed line: the change is made in the text, which is parsed and checked again.

mod arm;
mod deciding;
mod dropped;
mod json;
mod kind;
mod looked;
mod mutant;
mod number;
mod operator;
mod original;
mod quotes;
mod rehearsed;
mod tally;
mod team;
mod text;
mod time;
mod trial;
mod written;

pub(in crate::front) use json::{print as json, schema};
pub use kind::Kind;
pub use looked::mutants;
pub use mutant::{Edit, Mutant};
pub use original::Original;
pub(in crate::front) use quotes::Quotes;
pub use rehearsed::{Rehearsed, Tests};
pub(in crate::front) use tally::{Tally, Tried};
pub(in crate::front) use text::print as text;
pub(in crate::front) use trial::notices;
pub use trial::{Fate, Trial, trial};
