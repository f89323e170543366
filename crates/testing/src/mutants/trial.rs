//! Tries mutants: each is run through the tests that reach it, until one fails. A [`Trial`] is a mutant with its
//! [`MutantResult`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::mutant::Mutant;
use super::original::Original;
use super::quotes::Quotes;
use super::test_runs::TestRuns;
use crate::suite::passes;
use crate::{TestCase, cases};
use rbl_check::Program;
use rbl_project::parallel;
use rbl_syntax::source::SourceId;
use rbl_syntax::tree::Test;

/// The processor time after which no other mutant of a runbook is tried: where they cost much more than was expected. A
/// build without optimisation takes ten times as long for the same work, and its tests must not reach it on a slow machine.
const MOST_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 400 } else { 8 });

/// The result for a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MutantResult {
    /// A test fails with it: its title.
    Noticed(String),
    /// A test refers to something that no longer exists.
    Misfit,
    /// Every test passes with it.
    Survived {
        /// Whether a test reaches it.
        reached: bool,
    },
}

impl MutantResult {
    /// Whether `rbl test` would have reported it.
    pub fn noticed(&self) -> bool {
        !matches!(self, Self::Survived { .. })
    }
}

/// A mutant and its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The change.
    pub mutant: Mutant,
    /// Its result.
    pub fate: MutantResult,
}

/// The trials of a runbook.
#[derive(Debug, Default)]
pub struct MutantTrials {
    /// Each mutant and its result, by place.
    pub trials: Vec<Trial>,
    /// How many were not tried, because all of them would take too long.
    pub untried: usize,
}

/// Tries the mutants of these runbooks with their tests, in parallel; those with errors are left out. Of a runbook that has too
/// many of them for its length, a part is tried, spread over all of it. `clock`: the processor time of this thread so far.
pub fn trial(all: &[(&Original, &TestRuns<'_>)], clock: fn() -> Duration) -> Vec<MutantTrials> {
    trial_by(all, Some(clock), result)
}

/// As [`trial`], with the check of the whole text for each mutant: the reference that [`trial`] is compared with. It
/// takes time in the square of the length of a runbook.
pub fn trial_by_whole_texts(all: &[(&Original, &TestRuns<'_>)]) -> Vec<Vec<Trial>> {
    let trials = trial_by(all, None, |original, rehearsed, mutant| {
        let program = original.whole_program(mutant)?;
        let fits = || {
            let files = &rehearsed.files;
            files.iter().all(|file| original.whole_fits(mutant, &file.source, &file.identity))
        };
        fate(|| Some(program), original, rehearsed, mutant, fits)
    });
    trials.into_iter().map(|it| it.trials).collect()
}

/// `clock`: with a bound on the work, as [`trial`] has.
fn trial_by(
    all: &[(&Original, &TestRuns<'_>)],
    clock: Option<fn() -> Duration>,
    result: impl Fn(&Original, &TestRuns<'_>, &Mutant) -> Option<MutantResult> + Sync,
) -> Vec<MutantTrials> {
    let mut trials: Vec<MutantTrials> = all.iter().map(|_| MutantTrials::default()).collect();
    let mut mutants: Vec<(usize, Mutant)> = Vec::new();
    for ((index, (original, rehearsed)), of_runbook) in all.iter().enumerate().zip(&mut trials) {
        let own = if clock.is_some() {
            let (own, untried) = original.mutants_in_time(|mutant| rehearsed.work(mutant.statement));
            of_runbook.untried = untried;
            own
        } else {
            original.mutants()
        };
        mutants.extend(own.into_iter().map(|mutant| (index, mutant)));
    }
    let spent: Vec<AtomicU64> = all.iter().map(|_| AtomicU64::new(0)).collect();
    // `None`: there was no time left for it.
    let fates = parallel::each(&mutants, |(index, mutant)| {
        let (Some((original, rehearsed)), Some(spent)) = (all.get(*index), spent.get(*index)) else {
            return None;
        };
        let Some(clock) = clock else { return Some(result(original, rehearsed, mutant)) };
        if u128::from(spent.load(Ordering::Relaxed)) > MOST_TIME.as_micros() {
            return None;
        }
        let begun = clock();
        let fate = result(original, rehearsed, mutant);
        let took = clock().saturating_sub(begun).as_micros();
        spent.fetch_add(u64::try_from(took).unwrap_or(u64::MAX), Ordering::Relaxed);
        Some(fate)
    });
    for ((index, mutant), fate) in mutants.into_iter().zip(fates) {
        let Some(of_runbook) = trials.get_mut(index) else { continue };
        match fate {
            Some(Some(fate)) => of_runbook.trials.push(Trial { mutant, fate }),
            Some(None) => {}
            None => of_runbook.untried += 1,
        }
    }
    trials
}

/// Whether a test fails with a mutant; `source` is the file of the test in the changed program.
pub fn notices(changed: &Program, quotes: &Quotes, source: SourceId, test: &Test) -> bool {
    let passes = |case: &TestCase<'_>| passes(changed, source, case, |run| quotes.put_back(run));
    cases(test).is_ok_and(|cases| !cases.iter().all(passes))
}

/// Returns the result for a mutant; `None` if it has errors and cannot run.
fn result(original: &Original, rehearsed: &TestRuns<'_>, mutant: &Mutant) -> Option<MutantResult> {
    let compiled = original.compiled(mutant)?;
    let fits = || rehearsed.files.iter().all(|file| original.fits(mutant, &compiled, file));
    fate(|| original.program_of(&compiled), original, rehearsed, mutant, fits)
}

/// Runs a mutant through the tests that reach it. Its program is built only if one does.
fn fate(
    program: impl FnOnce() -> Option<Program>,
    original: &Original,
    rehearsed: &TestRuns<'_>,
    mutant: &Mutant,
    fits: impl FnOnce() -> bool,
) -> Option<MutantResult> {
    // A run that does not reach the change stays the same.
    let mut runs = rehearsed.runs.iter().filter(|run| run.reached(mutant.statement)).peekable();
    let reached = runs.peek().is_some();
    if reached {
        let program = program()?;
        let quotes = Quotes::of(mutant, original.text());
        for run in runs {
            if !passes(&program, run.id, &run.case, |run| quotes.put_back(run)) {
                let title = run.case.test.title.literal().unwrap_or_default();
                return Some(MutantResult::Noticed(title.to_owned()));
            }
        }
    }
    Some(if fits() { MutantResult::Survived { reached } } else { MutantResult::Misfit })
}
