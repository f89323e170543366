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
mod time_limit;
mod trace;

pub use hints::Hints;
pub use invariant::{INVARIANTS, Invariant, InvariantCase, Oracle, broken};
pub use random::{FuzzResults, Violation, random};
pub use rng::Rng;
pub use search::{MissingTest, SearchResult, UnnoticedMutant, UnnoticedSearch, WrittenAgainst, missing};
pub use shrink::{Budget, lines, shrink};
pub use trace::{RunTrace, trace};

use super::Premise;
use rbl_check::Program;

/// Returns the world of a seed.
pub fn world(program: &Program, hints: &Hints, seed: u64) -> Premise {
    generator::generate(program, hints, Rng::new(seed)).0
}
