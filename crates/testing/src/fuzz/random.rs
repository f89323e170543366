//! Runs a program in many random worlds, and checks every run against the invariants.

use std::collections::BTreeSet;
use std::time::Duration;

use super::shrink::{Budget, shrink};
use super::time_limit::TimeLimit;
use crate::Premise;
use crate::fuzz::{Hints, Oracle, Rng, broken, generator, trace};
use rbl_check::paths::ArmId;
use rbl_runtime::followed;

/// What some worlds may take in any case, in processor time. A build without optimisation takes ten times as long for the
/// same work, and its tests must not reach it on a slow machine.
const LEAST_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 100 } else { 2 });

/// What each world may take beyond that. Most take less than a tenth of a millisecond; one that computes as much as it may
/// takes a second.
const TIME_OF_A_WORLD: Duration = Duration::from_millis(if cfg!(debug_assertions) { 2500 } else { 50 });

/// The results of some worlds.
#[derive(Debug, Clone, Default)]
pub struct FuzzResults {
    /// The number of worlds.
    pub worlds: u64,
    /// The number of worlds that were left out, since those before them took too long.
    pub left_out: u64,
    /// The arms that were taken in any of them.
    pub arms: BTreeSet<ArmId>,
    /// The numbers of the paths that were taken.
    pub paths: BTreeSet<u128>,
    /// The simulated seconds that passed in them.
    pub simulated: f64,
    /// The violations: for each invariant the first world that breaks it.
    pub violations: Vec<Violation>,
}

/// A world in which a run breaks an invariant.
#[derive(Debug, Clone)]
pub struct Violation {
    /// The invariant.
    pub invariant: &'static str,
    /// How the run breaks it.
    pub why: String,
    /// The seed of the world in which it was found.
    pub seed: u64,
    /// The smallest world found that shows it.
    pub premise: Premise,
}

impl FuzzResults {
    /// Adds other results; `other` has the later seeds.
    pub fn and(&mut self, other: Self) {
        self.worlds += other.worlds;
        self.left_out += other.left_out;
        self.arms.extend(other.arms);
        self.paths.extend(other.paths);
        self.simulated += other.simulated;
        for violation in other.violations {
            if self.violations.iter().all(|it| it.invariant != violation.invariant) {
                self.violations.push(violation);
            }
        }
    }
}

/// Runs the worlds of `count` seeds, starting with `seed`. The same seeds give the same results everywhere, unless worlds
/// are left out because the others took too long. `clock`: the processor time of this thread so far.
pub fn random(
    oracle: &Oracle<'_>,
    hints: &Hints,
    seed: u64,
    count: u64,
    clock: fn() -> Duration,
) -> FuzzResults {
    let mut whole = FuzzResults::default();
    let most = LEAST_TIME + TIME_OF_A_WORLD * u32::try_from(count).unwrap_or(u32::MAX);
    let limit = TimeLimit::new(clock, most);
    for number in 0..count {
        if limit.is_over() {
            whole.left_out = count - number;
            break;
        }
        let seed = seed.wrapping_add(number);
        let (premise, _) = generator::generate(oracle.program, hints, Rng::new(seed));
        let trace = trace(oracle.program, &premise);
        let followed = followed(&oracle.paths, &trace.events);
        whole.arms.extend(followed.arms);
        whole.paths.extend(followed.path.and_then(|path| oracle.paths.number(&path)));
        whole.worlds += 1;
        whole.simulated += trace.seconds;
        if let Some((invariant, why)) = broken(oracle, &premise, &trace)
            && whole.violations.iter().all(|it| it.invariant != invariant.name)
        {
            whole.violations.push(Violation { invariant: invariant.name, why, seed, premise });
        }
    }
    whole
}

impl Violation {
    /// Replaces the world with the smallest one that shows the violation; with the smallest found so far when the search
    /// takes too long. `clock`: the processor time of this thread so far.
    #[must_use]
    pub fn smallest(mut self, oracle: &Oracle<'_>, clock: fn() -> Duration) -> Self {
        let name = self.invariant;
        let limit = TimeLimit::new(clock, LEAST_TIME);
        let mut shows = |premise: &Premise| {
            if limit.is_over() {
                return (false, u64::MAX);
            }
            let trace = trace(oracle.program, premise);
            let shown = broken(oracle, premise, &trace).is_some_and(|(it, _)| it.name == name);
            (shown, trace.effects.len() as u64)
        };
        self.premise = shrink(&self.premise, true, Budget::USUAL, &mut shows);
        let trace = trace(oracle.program, &self.premise);
        if let Some((_, why)) = broken(oracle, &self.premise, &trace) {
            self.why = why;
        }
        self
    }
}
