//! [`RunNeeds`]: what a process has to have to execute a run, known without reading its records.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::{Begun, RunMode};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunNeeds {
    /// The version of the entry format; see [`Begun::FORMAT`].
    pub format: u32,
    /// The edition of the language; see [`Begun::LANGUAGE`].
    pub language: u32,
    /// What the run may do unasked.
    pub mode: RunMode,
    /// The names of the providers that its metrics are read from.
    pub providers: BTreeSet<SmolStr>,
    /// The names of the executors of its actions.
    pub executors: BTreeSet<SmolStr>,
    /// The secrets it reads: `env NAME`, `file PATH`, `command COMMAND`.
    pub secrets: BTreeSet<SmolStr>,
    /// The folder of the runbook, whose configuration applies.
    pub folder: String,
    /// The permanent identity of the file of the runbook.
    pub identity: String,
}

impl Default for RunNeeds {
    /// Nothing but this rbl.
    fn default() -> Self {
        Self {
            format: Begun::FORMAT,
            language: Begun::LANGUAGE,
            mode: RunMode::Act,
            providers: BTreeSet::new(),
            executors: BTreeSet::new(),
            secrets: BTreeSet::new(),
            folder: String::new(),
            identity: String::new(),
        }
    }
}

impl RunNeeds {
    /// Whether this rbl can walk the run: it knows the format and the edition.
    pub const fn are_known(&self) -> bool {
        self.format == Begun::FORMAT && self.language == Begun::LANGUAGE
    }
}
