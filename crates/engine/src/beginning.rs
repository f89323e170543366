//! [`Beginning`]: what a run began with, read from its records to resume it.

use std::path::Path;

use rbl_check::Program;
use rbl_project::files;
use rbl_runtime::journal::{Begun, Entry, JournalEvent, JournalRecord, RecordedSource};
use rbl_syntax::value::{Time, Took};
use rbl_world::{Configured, Connections, clock};
use smol_str::SmolStr;

use crate::EngineError;

/// What a run began with, and how the world differs from it now.
#[derive(Debug, Clone, PartialEq)]
pub struct Beginning {
    /// The inputs of the run.
    pub begun: Begun,
    /// The recorded files whose text has changed on disk: the run continues with the recorded text.
    pub changed: Vec<SmolStr>,
    /// The clock of this machine was set back since the last record.
    pub behind: Option<ClockBehind>,
}

/// A clock that is behind the last record of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClockBehind {
    /// By how much.
    pub by: Took,
    /// The time of that record.
    pub last: Time,
}

impl Beginning {
    /// Reads it from the records of a run.
    pub(crate) fn of(records: &[JournalRecord]) -> Result<Self, EngineError> {
        let begun = beginning(records)?;
        let changed = begun.sources.iter().filter(|source| is_changed(source));
        let changed = changed.map(|source| source.name.clone()).collect();
        let now = clock::now();
        let last = records.last().map(|record| record.at).filter(|last| *last > now);
        let behind = last.map(|last| ClockBehind { by: Took(last.since(now).base), last });
        Ok(Self { begun, changed, behind })
    }

    /// The program, from the recorded texts alone.
    ///
    /// Errors: a value was masked because it was a secret, or this rbl does not accept the recorded texts.
    pub fn program(&self) -> Result<Program, EngineError> {
        let run = &self.begun.run;
        if let Some(what) = self.begun.masked.first() {
            let file = self.begun.sources.first().map(|source| source.name.clone()).unwrap_or_default();
            return Err(EngineError::SecretMasked { run: run.clone(), what: what.clone(), file });
        }
        self.begun.program().map_err(|why| EngineError::NoProgram { run: run.clone(), why })
    }

    /// The record of this turn: who resumes the run.
    pub fn resumed(&self, by: &str) -> JournalEvent {
        JournalEvent::Resumed {
            by: by.into(),
            rbl: env!("CARGO_PKG_VERSION").into(),
            changed: !self.changed.is_empty(),
        }
    }
}

/// The inputs of a run, from its records.
pub fn beginning(records: &[JournalRecord]) -> Result<Begun, EngineError> {
    let first = records.first().ok_or(EngineError::NoBeginning)?.entry();
    let entry = first.map_err(|why| EngineError::Unreadable(why.to_string()))?;
    let Entry::Own(JournalEvent::Begun(begun)) = entry else { return Err(EngineError::NoBeginning) };
    if begun.format != Begun::FORMAT {
        return Err(EngineError::Foreign { rbl: begun.rbl });
    }
    Ok(*begun)
}

/// The connections of the folder that the runbook of a run is in.
pub fn connections(begun: &Begun) -> Result<Connections, EngineError> {
    let identity = begun.sources.first().map_or(".", |source| source.identity.as_str());
    let configured = Configured::find(&files::folder(identity)).map_err(EngineError::Unconfigured)?;
    configured.connections.ok_or(EngineError::Misconfigured)
}

fn is_changed(source: &RecordedSource) -> bool {
    source.identity != files::STDIN
        && files::read(Path::new(&source.identity)).map_or(true, |text| text != source.text)
}
