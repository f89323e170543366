//! Random worlds: generates premises at random, checks the invariants in each of them, and finds the smallest world in
//! which one is broken.

mod chance;
mod fitting;
mod hints;
mod imagined;
mod invariant;
mod near;
mod params;
mod random;
mod search;
mod shrink;
mod witness;

pub use chance::Chance;
pub use hints::Hints;
pub use invariant::{Case, INVARIANTS, Invariant, Oracle, broken};
pub use random::{Seen, Violation, random};
pub(in crate::front) use search::Hunt;
pub use search::{Found, Missing, missing};
pub use shrink::{Budget, lines, shrink};
pub use witness::{Witness, witness};

use super::Premise;
use crate::check::Program;

/// Returns the world of a seed.
pub fn world(program: &Program, hints: &Hints, seed: u64) -> Premise {
    imagined::imagine(program, hints, Chance::new(seed)).0
}
