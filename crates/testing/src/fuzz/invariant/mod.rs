//! The invariants: what holds for every run of every runbook in every world. Each [`Invariant`] has a file of its own;
//! [`broken`] checks a run against all of them.

mod ends;
mod in_time;
mod keeps_promises;
mod listed;
mod not_more;
mod not_twice;
mod nothing_after_the_end;
mod nothing_on_a_guess;
mod replayed;
mod somebody_knows;

use std::collections::HashMap;

use super::witness::Witness;
use crate::Premise;
use keeps_promises::Promise;
use rbl_check::paths::{Followed, Paths, Told};
use rbl_check::{Catalogue, Program};
use rbl_runtime::followed;

/// A program with its listed paths, which its runs are checked against.
#[derive(Debug)]
pub struct Oracle<'p> {
    /// The program.
    pub program: &'p Program,
    /// All its listed paths.
    pub paths: Paths,
    /// The promises of its actions, by the place of the action's target.
    promises: HashMap<rbl_syntax::source::Place, Promise>,
}

impl<'p> Oracle<'p> {
    /// Creates the oracle with the program's own paths.
    pub fn new(program: &'p Program) -> Self {
        Self::with(program, Paths::of(program, &Catalogue::default()))
    }

    /// Creates the oracle with these paths instead of the program's own.
    pub fn with(program: &'p Program, paths: Paths) -> Self {
        Self { program, paths, promises: keeps_promises::promises(program) }
    }
}

/// A run, and what it is checked against.
#[derive(Debug)]
pub struct Case<'w> {
    /// The program and its paths.
    pub oracle: &'w Oracle<'w>,
    /// The world it ran in.
    pub premise: &'w Premise,
    /// What was seen of the run.
    pub witness: &'w Witness,
    /// Its arms, and its path among the listed ones.
    pub followed: &'w Followed,
    /// That path in words.
    pub told: Option<&'w Told>,
}

/// A property of every run.
#[derive(Debug, Clone, Copy)]
pub struct Invariant {
    /// The property, as a sentence without its subject, the runbook: "ends".
    pub name: &'static str,
    /// Why a run breaks it; `None` if the run does not.
    pub broken: fn(&Case<'_>) -> Option<String>,
}

/// All invariants, in the order in which they are checked.
pub const INVARIANTS: [Invariant; 10] = [
    ends::INVARIANT,
    listed::INVARIANT,
    in_time::INVARIANT,
    not_more::INVARIANT,
    nothing_after_the_end::INVARIANT,
    nothing_on_a_guess::INVARIANT,
    somebody_knows::INVARIANT,
    keeps_promises::INVARIANT,
    not_twice::INVARIANT,
    replayed::INVARIANT,
];

/// Returns the first invariant that a run breaks, and how.
pub fn broken(oracle: &Oracle<'_>, premise: &Premise, witness: &Witness) -> Option<(Invariant, String)> {
    let followed = followed(&oracle.paths, &witness.events);
    let told = followed.path.as_ref().and_then(|path| oracle.paths.tell(path));
    let case = Case { oracle, premise, witness, followed: &followed, told: told.as_ref() };
    INVARIANTS.into_iter().find_map(|it| (it.broken)(&case).map(|why| (it, why)))
}

/// Whether the parameters are the defaults; the listed times and counts are for those.
fn has_defaults(case: &Case<'_>) -> bool {
    let Some(runbook) = case.oracle.program.runbook(case.oracle.program.main()) else { return false };
    let defaulted = |name: &str| {
        let param = runbook.params.iter().find(|it| it.declaration.name.text == name);
        param.is_some_and(|it| it.declaration.default.is_some())
    };
    case.premise.params.keys().all(|name| !defaulted(name))
}
