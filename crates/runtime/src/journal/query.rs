//! [`RunQuery`]: lists and reads runs without holding them. Separate from [`super::Store`], so that looking can break
//! nothing.

use smol_str::SmolStr;

use super::{JournalRecord, LockHolder, ParkedState, RunMode, Signal, StoreError};
use crate::Outcome;
use rbl_syntax::value::Time;

/// The state of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum RunState {
    /// A process holds it.
    Running {
        /// Who, in words.
        by: String,
    },
    /// Nothing of it was done yet: it waits for a worker.
    Queued {
        /// How many runs that wait too began before it.
        ahead: u64,
    },
    /// Its process died: it can be resumed.
    CutOff,
    /// It is parked.
    Parked(ParkedState),
    /// It was parked and has been answered since: it can be resumed.
    Answered(ParkedState),
    /// It has ended.
    Ended {
        /// Its outcome.
        outcome: Outcome,
        /// Its last message.
        message: String,
    },
    /// It cannot be resumed.
    Stuck {
        /// Why.
        why: String,
    },
}

impl RunState {
    /// Every word of [`Self::word`].
    pub const WORDS: [&str; 10] = [
        "queued",
        "running",
        "cut-off",
        "waiting",
        "answered",
        "resolved",
        "escalated",
        "failed",
        "aborted",
        "stuck",
    ];

    /// The state in one word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Running { .. } => "running",
            Self::Queued { .. } => "queued",
            Self::CutOff => "cut-off",
            Self::Parked(_) => "waiting",
            Self::Answered(_) => "answered",
            Self::Ended { outcome, .. } => outcome.word(),
            Self::Stuck { .. } => "stuck",
        }
    }
}

/// What a queued run waits for, in words: `a worker, after 3 other runs`.
pub fn queued_words(ahead: u64) -> String {
    match ahead {
        0 => "a worker".to_owned(),
        1 => "a worker, after 1 other run".to_owned(),
        ahead => format!("a worker, after {ahead} other runs"),
    }
}

/// A run in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSummary {
    /// Its id.
    pub run: SmolStr,
    /// The runbook's title.
    pub runbook: String,
    /// The runbook's file, as it was shown.
    pub file: SmolStr,
    /// The permanent identity of that file; empty where it is not known.
    pub identity: String,
    /// When it began.
    pub started: Time,
    /// When something was last written.
    pub changed: Time,
    /// What it may do unasked, as it began.
    pub mode: RunMode,
    /// Its state.
    pub state: RunState,
    /// The number of its records.
    pub length: u64,
    /// The locks that it holds, by name.
    pub locks: Vec<String>,
}

/// A filter for a list of runs; `None` matches everything.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    /// One of [`RunState::WORDS`].
    pub state: Option<SmolStr>,
    /// A part of the runbook's title or file, in any case.
    pub runbook: Option<String>,
    /// Not begun before this.
    pub since: Option<Time>,
    /// The maximum number of runs, the newest first.
    pub limit: Option<usize>,
}

impl Filter {
    /// Whether the list shows this run, apart from `limit`.
    pub fn takes(&self, run: &RunSummary) -> bool {
        self.state.as_ref().is_none_or(|state| state == run.state.word())
            && self.since.is_none_or(|since| run.started >= since)
            && self.runbook.as_ref().is_none_or(|part| {
                let part = part.to_lowercase();
                run.runbook.to_lowercase().contains(&part) || run.file.to_lowercase().contains(&part)
            })
    }
}

/// Reads runs. Never writes.
pub trait RunQuery {
    /// The matching runs, the newest first.
    fn list(&self, filter: &Filter) -> Result<Vec<RunSummary>, StoreError>;

    /// The runs whose id begins with this, at most `limit`, the newest first. `last` is not known here.
    fn find(&self, beginning: &str, limit: usize) -> Result<Vec<RunSummary>, StoreError>;

    /// The runs that hold this lock of the language.
    fn lock_holders(&self, name: &str) -> Result<Vec<LockHolder>, StoreError>;

    /// All records of a run, and its signals.
    fn read(&self, run: &str) -> Result<(Vec<JournalRecord>, Vec<Signal>), StoreError>;
}
