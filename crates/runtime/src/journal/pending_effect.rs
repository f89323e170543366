//! Where a run is: the last effect that was begun and not ended, from its records alone.

use super::{Entry, JournalEvent, JournalRecord};
use crate::journal::replay_cursor::RecordKind;
use crate::{Act, ActTarget, Ask, Effect, Interrupt};
use rbl_syntax::value::Time;

/// An effect that was begun and not ended.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenEffect {
    /// The position of its intent among the records; an answer refers to it.
    pub seq: u64,
    /// When it was begun.
    pub at: Time,
    /// What kind it is.
    pub stage: Stage,
}

/// The kinds of [`OpenEffect`].
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// A question to a person.
    Question(Ask),
    /// An instruction to a person.
    Instruction(Act),
    /// An action that was cut off.
    Action(Act),
    /// Any other effect: repeating it loses nothing.
    Other(Effect),
}

/// The open effect of a run; `None` where there is none.
///
/// Errors: a record that this rbl cannot read.
pub fn open(records: &[JournalRecord]) -> Result<Option<OpenEffect>, String> {
    let mut begun: Vec<&JournalRecord> = Vec::new();
    for record in records {
        match RecordKind::of(record) {
            RecordKind::Intent => begun.push(record),
            RecordKind::Reply => drop(begun.pop()),
            RecordKind::BrokenOff => begun.clear(),
            RecordKind::Passed | RecordKind::Parked | RecordKind::Event => {}
        }
    }
    let Some(record) = begun.pop() else { return Ok(None) };
    let entry = record.entry().map_err(|why| format!("record {} cannot be read: {why}", record.seq))?;
    let Entry::Own(JournalEvent::Intent { intent }) = entry else { return Ok(None) };
    let stage = match intent {
        Effect::Ask(ask) => Stage::Question(ask),
        Effect::Act(act) if matches!(act.target, ActTarget::Instruction(_)) => Stage::Instruction(act),
        Effect::Act(act) => Stage::Action(act),
        other @ (Effect::Now
        | Effect::Sleep(_)
        | Effect::Read(_)
        | Effect::Probe(_)
        | Effect::Page(_)
        | Effect::Record(_)
        | Effect::Secret { .. }) => Stage::Other(other),
    };
    Ok(Some(OpenEffect { seq: record.seq, at: record.at, stage }))
}

/// The interrupt that parked a run, when only its records are known.
pub(super) fn parked() -> Interrupt {
    Interrupt::Parked(crate::Parked::SetAside)
}
