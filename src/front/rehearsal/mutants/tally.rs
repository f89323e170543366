//! What the mutants of all runbooks came to.

use std::time::Duration;

use super::trial::Trial;
use crate::front::rehearsal::coverage::Share;

/// The mutants of one runbook, tried with its tests.
#[derive(Debug)]
pub(in crate::front) struct Tried {
    /// Its file, as it is shown.
    pub(in crate::front) file: String,
    /// How many tests it was tried with.
    pub(in crate::front) tests: usize,
    /// Each mutant and what became of it, by place.
    pub(in crate::front) trials: Vec<Trial>,
}

/// The mutants of all runbooks.
#[derive(Debug)]
pub(in crate::front) struct Tally {
    /// Each runbook, in the order in which they were meant.
    pub(in crate::front) runbooks: Vec<Tried>,
    /// How many tests a filter left out.
    pub(in crate::front) left_out: usize,
    /// How many files have errors, and were not tried.
    pub(in crate::front) broken: usize,
    /// How long it took, in truth.
    pub(in crate::front) took: Duration,
}

impl Tried {
    /// How many of its mutants are noticed.
    pub(in crate::front) fn noticed(&self) -> Share {
        let covered = self.trials.iter().filter(|trial| trial.fate.noticed()).count();
        Share { covered, of: self.trials.len() }
    }

    /// Those that are not, by place.
    pub(in crate::front) fn survivors(&self) -> impl Iterator<Item = &Trial> {
        self.trials.iter().filter(|trial| !trial.fate.noticed())
    }
}

impl Tally {
    /// How many of all mutants are noticed.
    pub(in crate::front) fn noticed(&self) -> Share {
        self.runbooks.iter().map(Tried::noticed).fold(Share::default(), Share::and)
    }
}
