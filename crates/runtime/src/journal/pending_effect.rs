//! Where a run is: the last effect that was begun and not ended, from its records alone.

use super::{Entry, JournalEvent, JournalRecord};
use crate::journal::replay_cursor::{CONCLUDES, RecordKind};
use crate::{Acknowledge, Act, ActTarget, Ask, Effect, Event, EventKind, Interrupt, Parked};
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
    /// For what the run was parked last since then: somebody elsewhere can end it. `None` while the process that began it goes on.
    pub parked: Option<Parked>,
}

/// The kinds of [`OpenEffect`].
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// A question to a person.
    Question(Ask),
    /// An instruction to a person.
    Instruction(Act),
    /// A page that waits to be acknowledged.
    Acknowledgement(Acknowledge),
    /// An action that was cut off.
    Action(Act),
    /// Any other effect: repeating it loses nothing.
    Other(Effect),
}

/// How the record of a sleep begins.
const SLEEP: &str = "{\"type\":\"intent\",\"intent\":{\"effect\":\"sleep\"";

/// How the records begin of what brings a question to somebody.
const BRINGS: [&str; 3] = [
    "{\"type\":\"intent\",\"intent\":{\"effect\":\"record\"",
    "{\"type\":\"intent\",\"intent\":{\"effect\":\"page\"",
    // What reports a question that does not wait any more.
    CONCLUDES,
];

/// Takes from what was begun what this reply ends, and what was begun within it.
fn ended(begun: &mut Vec<&JournalRecord>, reply: &JournalRecord) {
    #[derive(serde::Deserialize)]
    struct To {
        #[serde(default)]
        to: u64,
    }
    let to = serde_json::from_str::<To>(&reply.data).map(|it| it.to).unwrap_or_default();
    match begun.iter().position(|it| it.seq == to) {
        Some(place) => begun.truncate(place),
        None => drop(begun.pop()),
    }
}

/// The open effect of a run; `None` where there is none.
///
/// Errors: a record that this rbl cannot read.
pub fn open(records: &[JournalRecord]) -> Result<Option<OpenEffect>, String> {
    let mut begun = begun(records);
    // What brings a question to somebody is part of it.
    while begun.len() > 1
        && begun.last().is_some_and(|it| BRINGS.iter().any(|head| it.data.starts_with(head)))
    {
        begun.pop();
    }
    let Some(record) = begun.pop() else { return Ok(None) };
    let entry = record.entry().map_err(|why| format!("record {} cannot be read: {why}", record.seq))?;
    let Entry::Own(JournalEvent::Intent { intent, .. }) = entry else { return Ok(None) };
    let stage = match intent {
        Effect::Ask(ask) => Stage::Question(ask),
        Effect::Act(act) if matches!(act.target, ActTarget::Instruction(_)) => Stage::Instruction(act),
        Effect::Act(act) => Stage::Action(act),
        Effect::Acknowledge(it) => Stage::Acknowledgement(it),
        other @ (Effect::Now
        | Effect::Sleep(_)
        | Effect::Read(_)
        | Effect::Firing(_)
        | Effect::Mode(_)
        | Effect::Probe(_)
        | Effect::Page(_)
        | Effect::Record(_)
        | Effect::Lock(_)
        | Effect::Enter(_)
        | Effect::Leave(_)
        | Effect::Conclude(_)
        | Effect::Secret { .. }) => Stage::Other(other),
    };
    let parked = last_parked(records, record.seq);
    Ok(Some(OpenEffect { seq: record.seq, at: record.at, stage, parked }))
}

/// For what the run was parked last behind this position.
fn last_parked(records: &[JournalRecord], seq: u64) -> Option<Parked> {
    let mut behind = records.iter().rev().take_while(|record| record.seq > seq);
    let last = behind.find(|record| RecordKind::of(record) == RecordKind::Parked)?;
    let Ok(Entry::Event(Event { kind: EventKind::Parked { parked, .. }, .. })) = last.entry() else {
        return None;
    };
    Some(parked)
}

/// The intents without an end, the innermost last.
fn begun(records: &[JournalRecord]) -> Vec<&JournalRecord> {
    let mut begun: Vec<&JournalRecord> = Vec::new();
    for record in records {
        let kind = RecordKind::of(record);
        match kind {
            // A sleep is over where anything of the program follows.
            RecordKind::Intent | RecordKind::Look | RecordKind::Event | RecordKind::Reply => {
                begun.retain(|it| !it.data.starts_with(SLEEP));
            }
            RecordKind::BrokenOff | RecordKind::Passed | RecordKind::Parked | RecordKind::Mark => {}
        }
        match kind {
            RecordKind::Intent => begun.push(record),
            RecordKind::Reply => ended(&mut begun, record),
            RecordKind::BrokenOff => begun.clear(),
            RecordKind::Look
            | RecordKind::Passed
            | RecordKind::Parked
            | RecordKind::Mark
            | RecordKind::Event => {}
        }
    }
    begun
}

/// The action that was begun and not ended: one that was cut off, whether or not it was asked about since.
pub fn begun_action(records: &[JournalRecord]) -> Option<Act> {
    let begun = begun(records);
    begun.into_iter().rev().find_map(|record| {
        let Ok(Entry::Own(JournalEvent::Intent { intent, .. })) = record.entry() else { return None };
        let Effect::Act(act) = intent else { return None };
        Some(act)
    })
}

/// The interrupt that parked a run, when only its records are known.
pub(super) fn parked() -> Interrupt {
    Interrupt::Parked(crate::Parked::ByHand)
}
