//! Mutation testing: makes small changes of a runbook and finds which of them its tests notice. A change that no test
//! notices could also be made by mistake.
//!
//! *Invariant:* only the runbook under test is changed, never its tests, the files that it uses or the runbooks that it
//! runs. A mutant can be shown as a changed line: the change is made in the text, of which as much is parsed and checked
//! again as the change can affect.

mod arm;
mod collector;
mod deciding;
mod dropped;
mod escalation;
mod excerpt;
mod exit_code;
pub mod kind;
mod limited;
pub mod mutant;
mod number;
mod number_literal;
mod operator;
pub mod original;
pub mod quotes;
mod sample;
mod side;
mod tally;
mod test_runs;
mod text_hash;
mod time;
pub mod trial;

pub use collector::mutants;
pub use kind::MutantKind;
pub use mutant::{Mutant, MutantEdit};
pub use original::Original;
pub use quotes::Quotes;
pub use tally::{MutantTally, Tried};
pub use test_runs::{SelectedTests, TestRuns};
pub use trial::notices;
pub use trial::{MutantResult, MutantTrials, Trial, trial, trial_by_whole_texts};
