//! [`Past`]: a cursor over the records of a run that is walked again, which compares them with what the program does.
//!
//! *Why bytes are compared first:* the same program produces the same bytes, so nearly every record matches without
//! being parsed. Records are parsed only where the bytes differ.

use super::difference::{Difference, words};
use super::entry::{OwnType, type_of};
use super::{Entry, Own, Record};
use crate::{Answer, Ask, AskKind, Effect, Event, EventKind, Parked, Reply};
use rbl_syntax::value::Time;

/// The type of [`EventKind::Parked`] in JSON.
const PARKED: &str = "parked";
/// Replaces a secret.
const DOTS: &str = "•••";

/// The records that are still to be walked.
#[derive(Debug)]
pub(super) struct Past {
    records: std::iter::Peekable<std::vec::IntoIter<Record>>,
    /// What the run was last parked for, if nothing followed.
    parked: Option<Parked>,
}

/// What the records contain for an effect.
#[derive(Debug)]
pub(super) enum Found {
    /// The reply.
    Reply(Reply),
    /// A person aborted the run.
    BrokenOff(String),
    /// Nothing: the records end here.
    Cut(Cut),
}

/// An effect that was begun, without a recorded end.
#[derive(Debug)]
pub(super) struct Cut {
    /// The position of its intent among the records.
    pub(super) seq: u64,
    /// When it was begun.
    pub(super) at: Time,
    /// The open question that the journal asked about it.
    pub(super) asked: Option<(u64, Ask)>,
}

/// What was found, and the journal's own events in between.
pub(super) type Walked = (Found, Vec<(Time, Event)>);

/// The kind of a record, determined by how it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
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

impl Form {
    /// The kind of this record.
    pub(super) fn of(record: &Record) -> Self {
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

impl Past {
    /// A cursor at the first record.
    pub(super) fn new(records: Vec<Record>) -> Self {
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
    fn peek(&mut self) -> Option<Form> {
        loop {
            let form = Form::of(self.records.peek()?);
            match form {
                Form::Passed => {
                    self.records.next();
                    self.parked = None;
                }
                Form::Parked => {
                    if let Some(Entry::Event(Event { kind: EventKind::Parked { parked, .. }, .. })) =
                        self.records.next().and_then(|record| record.entry().ok())
                    {
                        self.parked = Some(parked);
                    }
                }
                Form::Intent | Form::Reply | Form::BrokenOff | Form::Event => return Some(form),
            }
        }
    }

    /// Compares an event of the program with the next record; returns when it was recorded.
    pub(super) fn event(&mut self, data: &str, event: &Event) -> Result<Time, Difference> {
        let form = self.peek();
        let Some(record) = self.records.next() else { return Err(Difference::beyond(event)) };
        let same = form == Some(Form::Event)
            && is_same(&record, data, |entry| *entry == Entry::Event(event.clone()));
        if same { Ok(record.at) } else { Err(Difference::of_event(&record, event)) }
    }

    /// Compares an effect of the program with the next record; returns its recorded reply.
    pub(super) fn effect(&mut self, data: &str, effect: &Effect) -> Result<Walked, Difference> {
        let form = self.peek();
        let Some(record) = self.records.next() else { return Err(Difference::beyond_effect(effect)) };
        let wanted = |entry: &Entry| matches!(entry, Entry::Own(Own::Intent { intent }) if intent == effect);
        if form != Some(Form::Intent) || !is_same(&record, data, wanted) {
            return Err(Difference::of_effect(&record, effect));
        }
        self.answer(&record)
    }

    /// The difference when the program ends before its records do.
    pub(super) fn left_over(&mut self) -> Difference {
        self.peek();
        Difference {
            seq: self.records.peek().map(|record| record.seq),
            was: self.records.peek().map_or_else(String::new, words),
            now: "nothing more".into(),
        }
    }

    /// The reply to this intent; between the two, the journal itself may have asked a person.
    fn answer(&mut self, intent: &Record) -> Result<Walked, Difference> {
        let mut open = Cut { seq: intent.seq, at: intent.at, asked: None };
        let mut own = Vec::new();
        while self.peek().is_some() {
            let Some(record) = self.records.next() else { break };
            let entry = record.entry().map_err(|why| Difference::unreadable(&record, &why))?;
            match entry {
                Entry::Event(event) => own.push((record.at, event)),
                Entry::Own(Own::Reply { .. }) if open.asked.is_some() => open.asked = None,
                Entry::Own(Own::Reply { answer }) => return Ok((Found::Reply(answer), own)),
                Entry::Own(Own::BrokenOff { by }) => return Ok((Found::BrokenOff(by), own)),
                Entry::Own(Own::Intent { intent }) => {
                    let Effect::Ask(ask) = intent else {
                        return Err(Difference::of_effect(&record, &intent));
                    };
                    if open.asked.is_some() {
                        return Err(Difference::of_effect(&record, &Effect::Ask(ask)));
                    }
                    open.asked = Some((record.seq, ask));
                }
                Entry::Own(Own::Begun(_) | Own::Resumed { .. }) => {}
            }
        }
        Ok((Found::Cut(open), own))
    }
}

/// Whether a record has this content. Where a secret was replaced, any text matches.
fn is_same(record: &Record, data: &str, same: impl FnOnce(&Entry) -> bool) -> bool {
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
pub(super) fn was_kept_elsewhere<'a>(effect: &'a Effect, reply: &Reply) -> Option<(&'a Ask, &'a str)> {
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
