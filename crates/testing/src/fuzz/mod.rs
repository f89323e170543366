//! Worlds that nobody thought of: premises by chance, what must hold in each of them, and the smallest that shows that
//! something does not.

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

/// The world of a seed.
pub fn world(program: &Program, hints: &Hints, seed: u64) -> Premise {
    generator::imagine(program, hints, Chance::new(seed)).0
}
