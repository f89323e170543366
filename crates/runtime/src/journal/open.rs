//! At what a run stands: what was begun last and not ended, read from its records alone.

use super::{Entry, Own, Record};
use crate::journal::replay_cursor::Form;
use crate::{Act, ActTarget, Ask, Effect, Interrupt};
use rbl_syntax::value::Time;

/// What was begun last and not ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    /// The place of its intent among the records; an answer names it.
    pub seq: u64,
    /// When it was begun.
    pub at: Time,
    /// What it is.
    pub stage: Stage,
}

/// See [`Open`].
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// A question to a person.
    Question(Ask),
    /// Something that a person has to do.
    Instruction(Act),
    /// An action that was cut off.
    Action(Act),
    /// Anything else: nothing is lost by doing it again.
    Other(Effect),
}

/// At what a run stands; `None` where nothing is begun.
///
/// Errors: a record that this rbl cannot read.
pub fn open(records: &[Record]) -> Result<Option<Open>, String> {
    let mut begun: Vec<&Record> = Vec::new();
    for record in records {
        match Form::of(record) {
            Form::Intent => begun.push(record),
            Form::Reply => drop(begun.pop()),
            Form::BrokenOff => begun.clear(),
            Form::Passed | Form::Parked | Form::Event => {}
        }
    }
    let Some(record) = begun.pop() else { return Ok(None) };
    let entry = record.entry().map_err(|why| format!("record {} cannot be read: {why}", record.seq))?;
    let Entry::Own(Own::Intent { intent }) = entry else { return Ok(None) };
    let stage = match intent {
        Effect::Ask(ask) => Stage::Question(ask),
        Effect::Act(act) if matches!(act.target, ActTarget::Instruction(_)) => Stage::Instruction(act),
        Effect::Act(act) => Stage::Action(act),
        other => Stage::Other(other),
    };
    Ok(Some(Open { seq: record.seq, at: record.at, stage }))
}

/// How a run was set aside, for whoever has only its records.
pub(super) fn set_aside() -> Interrupt {
    Interrupt::Parked(crate::Parked::SetAside)
}
