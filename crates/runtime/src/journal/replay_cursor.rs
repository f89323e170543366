//! [`ReplayCursor`]: a cursor over the records of a run that is walked again, which compares them with what the program does.
//!
//! *Why bytes are compared first:* the same program produces the same bytes, so nearly every record matches without
//! being parsed. Records are parsed only where the bytes differ.

use super::difference::{ReplayDifference, words};
use super::entry::{OwnType, type_of};
use super::{Entry, JournalEvent, JournalRecord};
use crate::{Answer, Ask, AskKind, Effect, Event, EventKind, Parked, Reply};
use rbl_syntax::value::Time;

/// The type of [`EventKind::Parked`] in JSON.
const PARKED: &str = "parked";
/// Replaces a secret.
const DOTS: &str = "•••";

/// The records that are still to be walked.
#[derive(Debug)]
pub(super) struct ReplayCursor {
    records: std::iter::Peekable<std::vec::IntoIter<JournalRecord>>,
    /// What the run was last parked for, if nothing followed.
    parked: Option<Parked>,
}

/// What the records contain for an effect.
#[derive(Debug)]
pub(super) enum RecordedResult {
    /// The reply.
    Reply(Reply),
    /// A person aborted the run.
    BrokenOff(String),
    /// Nothing: the records end here.
    Cut(InterruptedEffect),
}

/// An effect that was begun, without a recorded end.
#[derive(Debug)]
pub(super) struct InterruptedEffect {
    /// The position of its intent among the records.
    pub(super) seq: u64,
    /// When it was begun.
    pub(super) at: Time,
    /// The open question that the journal asked about it.
    pub(super) asked: Option<(u64, Ask)>,
}

/// What was found, and the journal's own events in between.
pub(super) type CursorStep = (RecordedResult, Vec<(Time, Event)>);

/// The kind of a record, determined by how it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordKind {
    /// Nothing of the program: the beginning, a turn of another process, the end of a turn.
    Passed,
    /// The run was parked.
    Parked,
    /// An effect is about to be performed.
    Intent,
    /// The world's reply.
    Reply,
    /// A person aborted the run.
    BrokenOff,
    /// An event of the run.
    Event,
}

impl RecordKind {
    /// The kind of this record.
    pub(super) fn of(record: &JournalRecord) -> Self {
        let Some(word) = type_of(&record.data) else { return Self::Event };
        match OwnType::of(word) {
            Some(OwnType::Begun | OwnType::Resumed) => Self::Passed,
            Some(OwnType::Intent) => Self::Intent,
            Some(OwnType::Reply) => Self::Reply,
            Some(OwnType::BrokenOff) => Self::BrokenOff,
            None if word == PARKED => Self::Parked,
            None => Self::Event,
        }
    }
}

impl ReplayCursor {
    /// A cursor at the first record.
    pub(super) fn new(records: Vec<JournalRecord>) -> Self {
        Self { records: records.into_iter().peekable(), parked: None }
    }

    /// Whether all records were walked.
    pub(super) fn is_over(&mut self) -> bool {
        self.peek().is_none()
    }

    /// What the run was parked for, if its records end in that.
    pub(super) fn parked(&self) -> Option<&Parked> {
        self.parked.as_ref()
    }

    /// The kind of the next record that concerns the program.
    fn peek(&mut self) -> Option<RecordKind> {
        loop {
            let form = RecordKind::of(self.records.peek()?);
            match form {
                RecordKind::Passed => {
                    self.records.next();
                    self.parked = None;
                }
                RecordKind::Parked => {
                    if let Some(Entry::Event(Event { kind: EventKind::Parked { parked, .. }, .. })) =
                        self.records.next().and_then(|record| record.entry().ok())
                    {
                        self.parked = Some(parked);
                    }
                }
                RecordKind::Intent | RecordKind::Reply | RecordKind::BrokenOff | RecordKind::Event => {
                    return Some(form);
                }
            }
        }
    }

    /// Compares an event of the program with the next record; returns when it was recorded.
    pub(super) fn event(&mut self, data: &str, event: &Event) -> Result<Time, ReplayDifference> {
        let form = self.peek();
        let Some(record) = self.records.next() else { return Err(ReplayDifference::beyond(event)) };
        let same = form == Some(RecordKind::Event)
            && is_same(&record, data, |entry| *entry == Entry::Event(event.clone()));
        if same { Ok(record.at) } else { Err(ReplayDifference::of_event(&record, event)) }
    }

    /// Compares an effect of the program with the next record; returns its recorded reply.
    pub(super) fn effect(&mut self, data: &str, effect: &Effect) -> Result<CursorStep, ReplayDifference> {
        let form = self.peek();
        let Some(record) = self.records.next() else { return Err(ReplayDifference::beyond_effect(effect)) };
        let wanted =
            |entry: &Entry| matches!(entry, Entry::Own(JournalEvent::Intent { intent }) if intent == effect);
        if form != Some(RecordKind::Intent) || !is_same(&record, data, wanted) {
            return Err(ReplayDifference::of_effect(&record, effect));
        }
        self.answer(&record)
    }

    /// The difference when the program ends before its records do.
    pub(super) fn left_over(&mut self) -> ReplayDifference {
        self.peek();
        ReplayDifference {
            seq: self.records.peek().map(|record| record.seq),
            was: self.records.peek().map_or_else(String::new, words),
            now: "nothing more".into(),
        }
    }

    /// The reply to this intent; between the two, the journal itself may have asked a person.
    fn answer(&mut self, intent: &JournalRecord) -> Result<CursorStep, ReplayDifference> {
        let mut open = InterruptedEffect { seq: intent.seq, at: intent.at, asked: None };
        let mut own = Vec::new();
        while self.peek().is_some() {
            let Some(record) = self.records.next() else { break };
            let entry = record.entry().map_err(|why| ReplayDifference::unreadable(&record, &why))?;
            match entry {
                Entry::Event(event) => own.push((record.at, event)),
                Entry::Own(JournalEvent::Reply { .. }) if open.asked.is_some() => open.asked = None,
                Entry::Own(JournalEvent::Reply { answer }) => {
                    return Ok((RecordedResult::Reply(answer), own));
                }
                Entry::Own(JournalEvent::BrokenOff { by }) => {
                    return Ok((RecordedResult::BrokenOff(by), own));
                }
                Entry::Own(JournalEvent::Intent { intent }) => {
                    let Effect::Ask(ask) = intent else {
                        return Err(ReplayDifference::of_effect(&record, &intent));
                    };
                    if open.asked.is_some() {
                        return Err(ReplayDifference::of_effect(&record, &Effect::Ask(ask)));
                    }
                    open.asked = Some((record.seq, ask));
                }
                Entry::Own(JournalEvent::Begun(_) | JournalEvent::Resumed { .. }) => {}
            }
        }
        Ok((RecordedResult::Cut(open), own))
    }
}

/// Whether a record has this content. Where a secret was replaced, any text matches.
fn is_same(record: &JournalRecord, data: &str, same: impl FnOnce(&Entry) -> bool) -> bool {
    record.data == data
        || fits_around_dots(&record.data, data)
        || record.entry().is_ok_and(|entry| same(&entry))
}

/// Whether a text matches a record outside the dots in the record.
fn fits_around_dots(recorded: &str, data: &str) -> bool {
    let mut parts = recorded.split(DOTS);
    let Some(mut rest) = parts.next().and_then(|first| data.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or("");
    }
    false
}

/// Whether a person has to give an answer again, because it was never recorded.
pub(super) fn is_unrecorded_answer<'a>(effect: &'a Effect, reply: &Reply) -> Option<(&'a Ask, &'a str)> {
    let (Effect::Ask(ask), Reply::Answered(Answer::SecretKept(_))) = (effect, reply) else { return None };
    match &ask.kind {
        AskKind::Secret(key) => Some((ask, key)),
        AskKind::YesNo | AskKind::Text | AskKind::Choice(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parked_run_is_recognised_by_its_type() {
        let parked = Event::of(EventKind::Parked { parked: Parked::SetAside, pending: Vec::new() });
        assert_eq!(type_of(&Entry::Event(parked).data()), Some(PARKED));
    }

    #[test]
    fn anything_may_stand_where_a_secret_was_taken_out() {
        assert!(fits_around_dots("login ••• on •••", "login s3cret on db"));
        assert!(fits_around_dots("login •••", "login •••"));
        assert!(!fits_around_dots("login •••", "logout s3cret"));
        assert!(!fits_around_dots("login ••• now", "login s3cret later"));
        assert!(!fits_around_dots("a", "b"));
        assert!(!fits_around_dots("a", "ab"));
    }
}
