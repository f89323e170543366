//! The results for the mutants of all runbooks.

use std::time::Duration;

use super::trial::Trial;
use crate::coverage::share::Share;

/// The mutants of one runbook, tried with its tests.
#[derive(Debug)]
pub struct Tried {
    /// Its file, as displayed.
    pub file: String,
    /// The number of tests it was tried with.
    pub tests: usize,
    /// Each mutant and its result, by place.
    pub trials: Vec<Trial>,
    /// The number of mutants that were not tried, because all of them would take too long.
    pub untried: usize,
}

/// The mutants of all runbooks.
#[derive(Debug)]
pub struct MutantTally {
    /// Each runbook, in the order in which it was named.
    pub runbooks: Vec<Tried>,
    /// The number of tests that a filter left out.
    pub left_out: usize,
    /// The number of files with errors, which were not tried.
    pub broken: usize,
    /// The elapsed real time.
    pub took: Duration,
}

impl Tried {
    /// Counts the mutants of this runbook that are noticed.
    pub fn noticed(&self) -> Share {
        let covered = self.trials.iter().filter(|trial| trial.fate.noticed()).count();
        Share { covered, of: self.trials.len() }
    }

    /// The mutants that are not noticed, by place.
    pub fn survivors(&self) -> impl Iterator<Item = &Trial> {
        self.trials.iter().filter(|trial| !trial.fate.noticed())
    }
}

impl MutantTally {
    /// Counts the mutants of all runbooks that are noticed.
    pub fn noticed(&self) -> Share {
        self.runbooks.iter().map(Tried::noticed).fold(Share::default(), Share::and)
    }
}
