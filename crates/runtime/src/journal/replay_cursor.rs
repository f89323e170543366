//! The records of a run that is walked again: what the program does now is held against what it did then.
//!
//! *Why bytes are compared first:* the same program asks for the same in the same words, so nearly every record is seen
//! to be the same without being read. Only where the bytes differ is what they say compared.

use super::difference::{Difference, words};
use super::{Entry, Own, Record};
use crate::{Answer, Ask, AskKind, Effect, Event, EventKind, Parked, Reply};
use rbl_syntax::value::Time;

/// What stands where a secret stood.
const DOTS: &str = "•••";

/// Records that are still to be walked over.
#[derive(Debug)]
pub(super) struct Past {
    records: std::iter::Peekable<std::vec::IntoIter<Record>>,
    /// What the run was last said to wait for, where nothing came behind it.
    parked: Option<Parked>,
}

/// What the records say to an effect.
#[derive(Debug)]
pub(super) enum Found {
    /// What was answered.
    Reply(Reply),
    /// A person broke the run off.
    BrokenOff(String),
    /// Nothing: the records end here.
    Cut(Cut),
}

/// An effect that was begun, and of which nothing more is known.
#[derive(Debug)]
pub(super) struct Cut {
    /// The place of its intent among the records.
    pub(super) seq: u64,
    /// When it was begun.
    pub(super) at: Time,
    /// What the journal asked about it, and nobody has answered.
    pub(super) asked: Option<(u64, Ask)>,
}

/// What was found, and the journal's own events in between.
pub(super) type Walked = (Found, Vec<(Time, Event)>);

/// What a record is, by how it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing that the program does: the beginning, a turn of another process, the end of a turn.
    Passed,
    /// The run was set aside.
    Parked,
    /// Something is about to be asked of the world.
    Intent,
    /// What the world answered.
    Reply,
    /// A person broke the run off.
    BrokenOff,
    /// An event of the story.
    Event,
}

impl Form {
    /// Of this record.
    pub(super) fn of(record: &Record) -> Self {
        let Some(rest) = record.data.strip_prefix("{\"type\":\"") else { return Self::Event };
        match rest.split('"').next() {
            Some("begun" | "resumed") => Self::Passed,
            Some("parked") => Self::Parked,
            Some("intent") => Self::Intent,
            Some("reply") => Self::Reply,
            Some("broken_off") => Self::BrokenOff,
            _ => Self::Event,
        }
    }
}

impl Past {
    /// From the first record of a run on.
    pub(super) fn new(records: Vec<Record>) -> Self {
        Self { records: records.into_iter().peekable(), parked: None }
    }

    /// Whether there is nothing left.
    pub(super) fn is_over(&mut self) -> bool {
        self.peek().is_none()
    }

    /// What the run was set aside for, where its records end in that.
    pub(super) fn parked(&self) -> Option<&Parked> {
        self.parked.as_ref()
    }

    /// The next record that the program itself has to do with.
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
                _ => return Some(form),
            }
        }
    }

    /// The program tells this: when it was told then.
    pub(super) fn event(&mut self, data: &str, event: &Event) -> Result<Time, Difference> {
        let form = self.peek();
        let Some(record) = self.records.next() else { return Err(Difference::beyond(event)) };
        let same = form == Some(Form::Event)
            && is_same(&record, data, |entry| *entry == Entry::Event(event.clone()));
        if same { Ok(record.at) } else { Err(Difference::of_event(&record, event)) }
    }

    /// The program asks for this: what came of it.
    pub(super) fn effect(&mut self, data: &str, effect: &Effect) -> Result<Walked, Difference> {
        let form = self.peek();
        let Some(record) = self.records.next() else { return Err(Difference::beyond_effect(effect)) };
        let wanted = |entry: &Entry| matches!(entry, Entry::Own(Own::Intent { intent }) if intent == effect);
        if form != Some(Form::Intent) || !is_same(&record, data, wanted) {
            return Err(Difference::of_effect(&record, effect));
        }
        self.answer(&record)
    }

    /// What the program should have come to, and did not.
    pub(super) fn left_over(&mut self) -> Difference {
        self.peek();
        Difference {
            seq: self.records.peek().map(|record| record.seq),
            was: self.records.peek().map_or_else(String::new, words),
            now: "nothing more".into(),
        }
    }

    /// What was answered to this intent: between the two the journal itself may have asked a person.
    fn answer(&mut self, intent: &Record) -> Result<Walked, Difference> {
        let mut open = Cut { seq: intent.seq, at: intent.at, asked: None };
        let mut own = Vec::new();
        while self.peek().is_some() {
            let Some(record) = self.records.next() else { break };
            let entry = record.entry().map_err(|why| Difference::unreadable(&record, &why))?;
            match entry {
                Entry::Event(event) => own.push((record.at, event)),
                Entry::Own(Own::Intent { intent: Effect::Ask(ask) }) if open.asked.is_none() => {
                    open.asked = Some((record.seq, ask));
                }
                Entry::Own(Own::Reply { .. }) if open.asked.is_some() => open.asked = None,
                Entry::Own(Own::Reply { answer }) => return Ok((Found::Reply(answer), own)),
                Entry::Own(Own::BrokenOff { by }) => return Ok((Found::BrokenOff(by), own)),
                Entry::Own(Own::Intent { intent }) => return Err(Difference::of_effect(&record, &intent)),
                Entry::Own(Own::Begun(_) | Own::Resumed { .. }) => {}
            }
        }
        Ok((Found::Cut(open), own))
    }
}

/// Whether a record says this. Where a secret was taken out of it, anything may stand in its place.
fn is_same(record: &Record, data: &str, same: impl FnOnce(&Entry) -> bool) -> bool {
    record.data == data
        || fits_around_dots(&record.data, data)
        || record.entry().is_ok_and(|entry| same(&entry))
}

/// Whether a text is that of a record but for the places where dots stand in the record.
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

/// Whether an answer has to be given again by a person, for it was never written down.
pub(super) fn was_kept_elsewhere<'a>(effect: &'a Effect, reply: &Reply) -> Option<(&'a Ask, &'a str)> {
    match (effect, reply) {
        (Effect::Ask(ask), Reply::Answered(Answer::SecretKept(_))) => match &ask.kind {
            AskKind::Secret(key) => Some((ask, key)),
            AskKind::YesNo | AskKind::Text | AskKind::Choice(_) => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::fits_around_dots;

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
