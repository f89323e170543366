//! What holds in every world, of every run of every runbook. Each promise has a file of its own.

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

/// What is known of a program before it runs, and what its runs are held against.
#[derive(Debug)]
pub struct Oracle<'p> {
    /// The program.
    pub program: &'p Program,
    /// Every path that it is said to have.
    pub paths: Paths,
    /// What its actions promise for the end, by the place of what they do.
    promises: HashMap<rbl_syntax::source::Place, Promise>,
}

impl<'p> Oracle<'p> {
    /// By the program's own paths.
    pub fn new(program: &'p Program) -> Self {
        Self::with(program, Paths::of(program, &Catalogue::default()))
    }

    /// By these paths, whatever the program's own are.
    pub fn with(program: &'p Program, paths: Paths) -> Self {
        Self { program, paths, promises: keeps_promises::promises(program) }
    }
}

/// A run, and what it is held against.
#[derive(Debug)]
pub struct Case<'w> {
    /// What is known.
    pub oracle: &'w Oracle<'w>,
    /// The world it ran in.
    pub premise: &'w Premise,
    /// What was seen of it.
    pub witness: &'w Witness,
    /// Its arms and its path among those that are listed.
    pub followed: &'w Followed,
    /// That path in words.
    pub told: Option<&'w Told>,
}

/// Something that every run keeps to.
#[derive(Debug, Clone, Copy)]
pub struct Invariant {
    /// What is promised, as a sentence of which the runbook is the subject: "ends".
    pub name: &'static str,
    /// Why a run does not keep to it; nothing where it does.
    pub broken: fn(&Case<'_>) -> Option<String>,
}

/// All of them; the first that is broken is the one to look at.
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

/// The first invariant that a run breaks, and how.
pub fn broken(oracle: &Oracle<'_>, premise: &Premise, witness: &Witness) -> Option<(Invariant, String)> {
    let followed = followed(&oracle.paths, &witness.events);
    let told = followed.path.as_ref().and_then(|path| oracle.paths.tell(path));
    let case = Case { oracle, premise, witness, followed: &followed, told: told.as_ref() };
    INVARIANTS.into_iter().find_map(|it| (it.broken)(&case).map(|why| (it, why)))
}

/// Whether the parameters are those that the listed times and counts are of.
fn has_defaults(case: &Case<'_>) -> bool {
    let Some(runbook) = case.oracle.program.runbook(case.oracle.program.main()) else { return false };
    let defaulted = |name: &str| {
        let param = runbook.params.iter().find(|it| it.declaration.name.text == name);
        param.is_some_and(|it| it.declaration.default.is_some())
    };
    case.premise.params.keys().all(|name| !defaulted(name))
}
