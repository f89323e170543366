//! Random worlds: generates premises at random, checks the invariants in each of them, and finds the smallest world in
//! which one is broken.

mod fitting;
mod generator;
mod hints;
mod invariant;
mod near;
mod params;
mod random;
mod rng;
mod search;
mod shrink;
mod witness;

pub use hints::Hints;
pub use invariant::{Case, INVARIANTS, Invariant, Oracle, broken};
pub use random::{Seen, Violation, random};
pub use rng::Chance;
pub use search::Hunt;
pub use search::{Found, Missing, missing};
pub use shrink::{Budget, lines, shrink};
pub use witness::{Witness, witness};

use super::Premise;
use rbl_check::Program;

/// Returns the world of a seed.
pub fn world(program: &Program, hints: &Hints, seed: u64) -> Premise {
    generator::imagine(program, hints, Chance::new(seed)).0
}
