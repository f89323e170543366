//! Mutants on trial: each is run through the tests that come by it, until one fails.

use super::mutant::Mutant;
use super::original::Original;
use super::quotes::Quotes;
use super::rehearsed::Rehearsed;
use crate::suite::passes;
use crate::{Case, cases};
use rbl_check::Program;
use rbl_project::parallel;
use rbl_syntax::source::SourceId;
use rbl_syntax::tree::Test;

/// What became of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// A test fails with it: its title.
    Noticed(String),
    /// A test names what is no longer there.
    Misfit,
    /// Every test passes with it. `reached`: whether any of them comes by it at all.
    Survived {
        /// Whether a test comes by it.
        reached: bool,
    },
}

impl Fate {
    /// Whether `rbl test` would have told.
    pub fn noticed(&self) -> bool {
        !matches!(self, Self::Survived { .. })
    }
}

/// A mutant, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The change.
    pub mutant: Mutant,
    /// What became of it.
    pub fate: Fate,
}

/// Tries every mutant of these runbooks with their tests, on all cores; those that have errors are left out. Gives those
/// of each runbook, by place.
pub fn trial(all: &[(&Original, &Rehearsed<'_>)]) -> Vec<Vec<Trial>> {
    let mutants: Vec<(usize, Mutant)> = all
        .iter()
        .enumerate()
        .flat_map(|(index, (original, _))| original.mutants().into_iter().map(move |mutant| (index, mutant)))
        .collect();
    let fates = parallel::each(&mutants, |(index, mutant)| {
        all.get(*index).and_then(|(original, rehearsed)| fate(original, rehearsed, mutant))
    });
    let mut trials: Vec<Vec<Trial>> = all.iter().map(|_| Vec::new()).collect();
    for ((index, mutant), fate) in mutants.into_iter().zip(fates) {
        if let (Some(trials), Some(fate)) = (trials.get_mut(index), fate) {
            trials.push(Trial { mutant, fate });
        }
    }
    trials
}

/// Whether a test, which stands in this source of the changed program, fails with it.
pub fn notices(changed: &Program, quotes: &Quotes, source: SourceId, test: &Test) -> bool {
    let passes = |case: &Case<'_>| passes(changed, source, case, |run| quotes.put_back(run));
    cases(test).is_ok_and(|cases| !cases.iter().all(passes))
}

/// What becomes of a mutant; nothing where it has errors: nobody could run it.
fn fate(original: &Original, rehearsed: &Rehearsed<'_>, mutant: &Mutant) -> Option<Fate> {
    let program = original.program(mutant)?;
    let quotes = Quotes::of(mutant, original.text());
    let mut reached = false;
    // A run that does not come by the change is as it was.
    for run in rehearsed.runs.iter().filter(|run| run.came_by(mutant.statement)) {
        reached = true;
        if !passes(&program, run.id, &run.case, |run| quotes.put_back(run)) {
            return Some(Fate::Noticed(run.case.test.title.literal().unwrap_or_default().to_owned()));
        }
    }
    let fits = rehearsed.files.iter().all(|(tests, identity)| original.fits(mutant, tests, identity));
    Some(if fits { Fate::Survived { reached } } else { Fate::Misfit })
}
