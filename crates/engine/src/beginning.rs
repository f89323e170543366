//! [`Beginning`]: what a run began with, read from its records to resume it.

use std::path::Path;
use std::sync::Arc;

use rbl_check::Program;
use rbl_project::files;
use rbl_runtime::journal::{Begun, Entry, JournalEvent, JournalRecord, MaskedInput, RecordedSource, sha256};
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
        let begun = walkable(records)?;
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
        let texts = self.begun.sources.iter().filter(|source| source.is_masked());
        let text = texts.map(|source| MaskedInput::Text(source.name.clone())).next();
        if let Some(what) = self.begun.masked.first().cloned().or(text) {
            let file = self.begun.sources.first().map(|source| source.name.clone()).unwrap_or_default();
            return Err(EngineError::SecretMasked { run: run.clone(), what, file });
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

/// The inputs of a run that this rbl can resume.
///
/// Errors: it began under another edition of the language.
pub fn walkable(records: &[JournalRecord]) -> Result<Begun, EngineError> {
    let begun = beginning(records)?;
    match begun.unknown_edition() {
        None => Ok(begun),
        Some(why) => Err(EngineError::OtherEdition { run: begun.run, why }),
    }
}

/// The inputs of a run, from its records.
pub fn beginning(records: &[JournalRecord]) -> Result<Begun, EngineError> {
    let first = records.first().ok_or(EngineError::NoBeginning)?.entry();
    let entry = first.map_err(|why| EngineError::Unreadable(why.to_string()))?;
    let Entry::Own(JournalEvent::Begun(begun)) = entry else { return Err(EngineError::NoBeginning) };
    if begun.format != Begun::FORMAT {
        return Err(match begun.unknown_edition() {
            Some(why) => EngineError::OtherEdition { run: begun.run, why },
            None => EngineError::Foreign { rbl: begun.rbl },
        });
    }
    let mut begun = *begun;
    for source in begun.sources.iter_mut().filter(|source| source.is_masked()) {
        restore(source);
    }
    Ok(begun)
}

/// Reads a text again of which a part was the value of a secret, where its file still has the recorded hash.
fn restore(source: &mut RecordedSource) {
    let text = files::read_text(Path::new(&source.identity)).ok();
    if let Some(text) = text.filter(|text| sha256(text) == source.sha256) {
        source.text = text;
    }
}

/// The connections of the folder that the runbook of a run is in. Its teams are held to what they were when the run began: where no
/// members are known any more, nobody answers.
pub fn connections(begun: &Begun) -> Result<Connections, EngineError> {
    let mut connections = configured(begun.sources.first())?;
    Arc::make_mut(&mut connections.team_rules).began.clone_from(&begun.teams);
    Ok(connections)
}

/// The connections of the folder of a runbook, whatever a run of it began with.
pub(crate) fn configured(main: Option<&RecordedSource>) -> Result<Connections, EngineError> {
    let identity = main.map_or(".", |source| source.identity.as_str());
    let configured = Configured::find(&files::folder(identity)).map_err(EngineError::Unconfigured)?;
    configured.connections.ok_or(EngineError::Misconfigured)
}

fn is_changed(source: &RecordedSource) -> bool {
    source.identity != files::STDIN
        && files::read_text(Path::new(&source.identity)).map_or(true, |text| text != source.text)
}
