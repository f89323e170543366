//! Looking at runs without driving them: lists and stories. Apart from [`super::Store`], so that looking can break
//! nothing.

use smol_str::SmolStr;

use super::{Record, Signal, StoreError};
use crate::Outcome;
use rbl_syntax::value::Time;

/// How a run stands.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Somebody drives it.
    Running {
        /// Who, in words.
        by: String,
    },
    /// Whoever drove it died: it can be gone on with.
    CutOff,
    /// It waits.
    Parked {
        /// Not before this; `None` waits for an answer.
        until: Option<Time>,
        /// What it waits for, in words.
        waits_for: String,
    },
    /// It is over.
    Ended {
        /// How.
        outcome: Outcome,
        /// The last word on it.
        message: String,
    },
    /// It cannot be gone on with.
    Stuck {
        /// Why.
        why: String,
    },
}

impl State {
    /// Every word of [`Self::word`].
    pub const WORDS: [&str; 8] =
        ["running", "cut-off", "waiting", "resolved", "escalated", "failed", "aborted", "stuck"];

    /// In one word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Running { .. } => "running",
            Self::CutOff => "cut-off",
            Self::Parked { .. } => "waiting",
            Self::Ended { outcome, .. } => outcome.word(),
            Self::Stuck { .. } => "stuck",
        }
    }
}

/// A run in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Its id.
    pub run: SmolStr,
    /// The runbook's title.
    pub runbook: String,
    /// The runbook's file, as it was shown.
    pub file: SmolStr,
    /// When it began.
    pub started: Time,
    /// When something was last written.
    pub changed: Time,
    /// How it stands.
    pub state: State,
    /// How many records it has.
    pub length: u64,
}

/// Which runs a list shows; what is `None` does not matter.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    /// One of the words `running`, `cut-off`, `waiting`, `resolved`, `escalated`, `failed`, `aborted`, `stuck`.
    pub state: Option<SmolStr>,
    /// A part of the runbook's title or file, whatever its case.
    pub runbook: Option<String>,
    /// Not begun before this.
    pub since: Option<Time>,
    /// At most so many, the newest first.
    pub limit: Option<usize>,
}

impl Filter {
    /// Whether the list shows this run, as far as one run alone can tell.
    pub fn takes(&self, run: &Summary) -> bool {
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
    /// The runs, the newest first.
    fn list(&self, filter: &Filter) -> Result<Vec<Summary>, StoreError>;

    /// The runs whose id begins so, at most `limit` of them, the newest first. `last` is not known here.
    fn find(&self, beginning: &str, limit: usize) -> Result<Vec<Summary>, StoreError>;

    /// Everything of a run: its records, and the signals that came.
    fn read(&self, run: &str) -> Result<(Vec<Record>, Vec<Signal>), StoreError>;
}
