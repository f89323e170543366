//! What the mutants of all runbooks came to.

use std::time::Duration;

use super::trial::Trial;
use crate::coverage::share::Share;

/// The mutants of one runbook, tried with its tests.
#[derive(Debug)]
pub struct Tried {
    /// Its file, as it is shown.
    pub file: String,
    /// How many tests it was tried with.
    pub tests: usize,
    /// Each mutant and what became of it, by place.
    pub trials: Vec<Trial>,
}

/// The mutants of all runbooks.
#[derive(Debug)]
pub struct Tally {
    /// Each runbook, in the order in which they were meant.
    pub runbooks: Vec<Tried>,
    /// How many tests a filter left out.
    pub left_out: usize,
    /// How many files have errors, and were not tried.
    pub broken: usize,
    /// How long it took, in truth.
    pub took: Duration,
}

impl Tried {
    /// How many of its mutants are noticed.
    pub fn noticed(&self) -> Share {
        let covered = self.trials.iter().filter(|trial| trial.fate.noticed()).count();
        Share { covered, of: self.trials.len() }
    }

    /// Those that are not, by place.
    pub fn survivors(&self) -> impl Iterator<Item = &Trial> {
        self.trials.iter().filter(|trial| !trial.fate.noticed())
    }
}

impl Tally {
    /// How many of all mutants are noticed.
    pub fn noticed(&self) -> Share {
        self.runbooks.iter().map(Tried::noticed).fold(Share::default(), Share::and)
    }
}
