//! [`ReplayCursor`]: a cursor over the records of a run that is walked again, which compares them with what the program does.
//!
//! A replay compares every byte of effects and events; a run that is resumed is compared by what it does and where, so
//! that an rbl with other words resumes it ([`Strictness`]).

use super::bring::BroughtStep;
use super::difference::{ReplayDifference, words};
use super::effect_site::identity;
use super::entry::{OwnType, type_of};
use super::{EffectSite, Entry, JournalEvent, JournalRecord, covered};
use crate::{Answer, Ask, AskKind, Conclude, Effect, Event, EventKind, Parked, Reply, WaitProgress};
use rbl_syntax::value::{MASK, Time};

/// The type of [`EventKind::Parked`] in JSON.
const PARKED: &str = "parked";

/// The records that are still to be walked.
#[derive(Debug)]
pub(super) struct ReplayCursor {
    records: std::iter::Peekable<std::vec::IntoIter<JournalRecord>>,
    strictness: Strictness,
    /// What the run was last parked for, if nothing followed.
    parked: Option<Parked>,
    /// The same, whoever has resumed it since.
    last: Option<Parked>,
    /// The sleep that is open where records of a wait were left out.
    asleep: Option<InterruptedEffect>,
    /// The position behind the last record that was walked.
    walked: u64,
    /// The tries to bring questions to somebody that do not wait any more, since [`Self::take_closed`].
    closed: Vec<BroughtStep>,
    /// What was said to services of such questions: the key, and the position of the intent where its end is not recorded.
    concluded: Vec<(String, Option<u64>)>,
    /// The journal's own events about that.
    own: Vec<(Time, Event)>,
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
    pub(super) asked: Option<InterruptedQuestion>,
    /// The tries to bring it, where it is a question, to somebody; else those of [`Self::asked`].
    pub(super) brought: Vec<BroughtStep>,
}

impl InterruptedEffect {
    /// Whether the intent at this position was a try to bring it to somebody.
    fn is_brought_by(&self, seq: u64) -> bool {
        self.brought.iter().any(|step| step.seq == seq)
    }

    /// Takes what came of that.
    fn brought_by(&mut self, seq: u64, reply: &Reply) {
        for step in self.brought.iter_mut().filter(|step| step.seq == seq) {
            step.came(reply);
        }
    }
}

/// A question of the journal itself, without a recorded end.
#[derive(Debug)]
pub(super) struct InterruptedQuestion {
    /// The position of its intent among the records.
    pub(super) seq: u64,
    /// When it was asked.
    pub(super) at: Time,
    /// The question.
    pub(super) ask: Ask,
}

/// What was found, and the journal's own events in between.
pub(super) type CursorStep = (RecordedResult, Vec<(Time, Event)>);

/// The kind of a record, determined by how it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordKind {
    /// Nothing of the program: the beginning, a turn of another process, an alert that changed.
    Passed,
    /// The run was parked.
    Parked,
    /// Where a wait was left.
    Mark,
    /// An effect is about to be performed.
    Intent,
    /// An effect that only looks, with its reply.
    Look,
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
            Some(OwnType::Begun | OwnType::Resumed | OwnType::AlertChanged) => Self::Passed,
            Some(OwnType::Mark) => Self::Mark,
            Some(OwnType::Intent) => Self::Intent,
            Some(OwnType::Look) => Self::Look,
            Some(OwnType::Reply) => Self::Reply,
            Some(OwnType::BrokenOff) => Self::BrokenOff,
            None if word == PARKED => Self::Parked,
            None => Self::Event,
        }
    }
}

/// How an effect or an event is compared with its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// Byte for byte, events too: for a replay.
    Exact,
    /// An effect by its identity and its site, events not at all: to resume a run.
    Identity,
}

impl ReplayCursor {
    /// A cursor at the first record.
    pub(super) fn new(records: Vec<JournalRecord>, strictness: Strictness) -> Self {
        Self {
            records: records.into_iter().peekable(),
            strictness,
            parked: None,
            last: None,
            asleep: None,
            walked: 0,
            closed: Vec::new(),
            concluded: Vec::new(),
            own: Vec::new(),
        }
    }

    /// Whether all records were walked.
    pub(super) fn is_over(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Whether the records hold no further effect. Events that are left were reported by an earlier turn.
    pub(super) fn has_no_more_effects(&mut self) -> bool {
        if self.asleep.is_some() {
            return false;
        }
        while self.peek() == Some(RecordKind::Event) {
            self.next();
        }
        self.is_over()
    }

    /// What the run was parked for, if its records end in that.
    pub(super) fn parked(&self) -> Option<&Parked> {
        self.parked.as_ref()
    }

    /// What the run was parked for where its records end, whoever has resumed it since.
    pub(super) fn last_parked(&self) -> Option<&Parked> {
        self.last.as_ref()
    }

    /// The position behind the last record that was walked.
    pub(super) fn walked(&self) -> u64 {
        self.walked
    }

    /// When the records end in a run that was parked for this question: when its time is over.
    pub(super) fn parked_until(&self, question: &str) -> Option<Time> {
        match &self.last {
            Some(Parked::Person { question: asked, until }) if asked == question => *until,
            Some(
                Parked::Person { .. }
                | Parked::Until(_)
                | Parked::Acknowledgement { .. }
                | Parked::Lock { .. }
                | Parked::ByHand
                | Parked::NotWritten(_),
            )
            | None => None,
        }
    }

    fn next(&mut self) -> Option<JournalRecord> {
        let record = self.take()?;
        self.last = None;
        Some(record)
    }

    fn take(&mut self) -> Option<JournalRecord> {
        let record = self.records.next()?;
        self.walked = record.seq.saturating_add(1);
        Some(record)
    }

    /// Whether the next record is a mark in place of records that were not loaded.
    fn leaves_out(&mut self) -> bool {
        let walked = self.walked;
        self.records
            .peek()
            .is_some_and(|record| record.seq != walked && covered(&record.data) == Some((walked, record.seq)))
    }

    /// The kind of the next record that concerns the program.
    fn peek(&mut self) -> Option<RecordKind> {
        loop {
            let form = RecordKind::of(self.records.peek()?);
            match form {
                RecordKind::Passed => {
                    self.take();
                    self.parked = None;
                }
                RecordKind::Intent if self.concludes_question() => self.pass_conclusion(),
                RecordKind::Mark if self.leaves_out() => return Some(form),
                RecordKind::Mark => drop(self.take()),
                RecordKind::Parked => {
                    if let Some(Entry::Event(Event { kind: EventKind::Parked { parked, .. }, .. })) =
                        self.take().and_then(|record| record.entry().ok())
                    {
                        self.last = Some(parked.clone());
                        self.parked = Some(parked);
                    }
                }
                RecordKind::Intent
                | RecordKind::Look
                | RecordKind::Reply
                | RecordKind::BrokenOff
                | RecordKind::Event => {
                    return Some(form);
                }
            }
        }
    }

    /// Whether the next record reports to a service a question that does not wait any more. The journal does that by itself.
    fn concludes_question(&mut self) -> bool {
        self.records
            .peek()
            .is_some_and(|record| record.data.starts_with(CONCLUDES) && conclusion(record).is_some())
    }

    /// Moves past that, to its end.
    fn pass_conclusion(&mut self) {
        let Some(record) = self.take() else { return };
        let Some(key) = conclusion(&record) else { return };
        self.parked = None;
        let mut open = Some(record.seq);
        while let Some(next) = self.records.peek() {
            match RecordKind::of(next) {
                RecordKind::Passed | RecordKind::Parked | RecordKind::Event | RecordKind::Reply => {}
                RecordKind::Mark | RecordKind::Intent | RecordKind::Look | RecordKind::BrokenOff => break,
            }
            let Some(next) = self.take() else { break };
            let entry = next.entry();
            if let Ok(Entry::Own(JournalEvent::Reply { to, .. })) = &entry
                && *to == record.seq
            {
                open = None;
                break;
            }
            if let Ok(Entry::Event(event)) = entry
                && !matches!(event.kind, EventKind::Parked { .. })
            {
                self.own.push((next.at, event));
            }
        }
        self.concluded.push((key, open));
    }

    /// The tries to bring questions to somebody that do not wait any more.
    pub(super) fn take_closed(&mut self) -> Vec<BroughtStep> {
        std::mem::take(&mut self.closed)
    }

    /// What was said to services of such questions: see [`Self::concluded`].
    pub(super) fn concluded(&self) -> &[(String, Option<u64>)] {
        &self.concluded
    }

    /// Compares an event of the program with the next record; returns when it was recorded.
    pub(super) fn event(&mut self, data: &str, event: &Event) -> Result<Time, ReplayDifference> {
        let form = self.peek();
        let Some(record) = self.next() else { return Err(ReplayDifference::beyond(event)) };
        let same = form == Some(RecordKind::Event)
            && is_same(&record, data, |entry| *entry == Entry::Event(event.clone()));
        if same { Ok(record.at) } else { Err(ReplayDifference::of_event(&record, event)) }
    }

    /// Moves past an event of a run that is resumed: the time of the records here; `None`: it is new. Another rbl may
    /// report more or fewer events than were recorded, so that they only count up to the next effect.
    pub(super) fn pass_event(&mut self) -> Option<Time> {
        let form = self.peek()?;
        let at = self.records.peek()?.at;
        if form == RecordKind::Event {
            self.next();
        }
        Some(at)
    }

    /// Compares an effect of the program with the next record; returns its recorded reply. The effect is compared as it
    /// is, with its secrets: whichever of them were masked in the record, it fits. `shown` gives it without them, for
    /// the words of a difference.
    pub(super) fn effect(
        &mut self,
        effect: &Effect,
        site: &EffectSite,
        shown: impl Fn() -> Effect,
    ) -> Result<CursorStep, ReplayDifference> {
        if let Some(asleep) = self.asleep.take() {
            return match effect {
                Effect::Sleep(_) => self.answer(asleep, true),
                Effect::Now
                | Effect::Read(_)
                | Effect::Firing(_)
                | Effect::Mode(_)
                | Effect::Probe(_)
                | Effect::Act(_)
                | Effect::Ask(_)
                | Effect::Page(_)
                | Effect::Acknowledge(_)
                | Effect::Record(_)
                | Effect::Lock(_)
                | Effect::Enter(_)
                | Effect::Leave(_)
                | Effect::Conclude(_)
                | Effect::Secret { .. } => Err(ReplayDifference::beyond_effect(&shown())),
            };
        }
        if self.strictness == Strictness::Identity {
            while self.peek() == Some(RecordKind::Event) {
                self.next();
            }
        }
        let form = self.peek();
        let Some(record) = self.next() else { return Err(ReplayDifference::beyond_effect(&shown())) };
        if !matches!(form, Some(RecordKind::Intent | RecordKind::Look))
            || !self.is_same_effect(&record, effect, site)
        {
            return Err(ReplayDifference::of_effect(&record, &shown()));
        }
        if form == Some(RecordKind::Look) {
            let answer =
                record.answer_of_look().map_err(|why| ReplayDifference::unreadable(&record, &why))?;
            return Ok((RecordedResult::Reply(answer), Vec::new()));
        }
        let open = InterruptedEffect { seq: record.seq, at: record.at, asked: None, brought: Vec::new() };
        self.answer(open, matches!(effect, Effect::Sleep(_)))
    }

    /// Whether a record is of this effect.
    fn is_same_effect(&self, record: &JournalRecord, effect: &Effect, site: &EffectSite) -> bool {
        let json = serde_json::to_string(effect).unwrap_or_default();
        let begins = |rest: &str| rest.strip_prefix(json.as_str()).is_some_and(|rest| rest.starts_with(','));
        let same_bytes = ["{\"type\":\"intent\",\"intent\":", "{\"type\":\"look\",\"look\":"]
            .iter()
            .filter_map(|head| record.data.strip_prefix(head))
            .any(begins);
        // What is written the same is the same: nearly always, and then the effect need not be read.
        if same_bytes {
            return self.strictness == Strictness::Exact || record.site().as_ref() == Some(site);
        }
        let Ok(Entry::Own(
            JournalEvent::Intent { intent: recorded, site: there, .. }
            | JournalEvent::Look { look: recorded, site: there, .. },
        )) = record.entry()
        else {
            return false;
        };
        match self.strictness {
            Strictness::Exact => {
                let was = serde_json::to_string(&recorded).unwrap_or_default();
                recorded == *effect || fits_around_dots(&was, &json)
            }
            Strictness::Identity => {
                let (was, now) = (identity(&recorded), identity(effect));
                there == *site && (was == now || fits_around_dots(&was, &now))
            }
        }
    }

    /// Moves past the records of a wait that need not be read, where they were left out: returns where the wait was left.
    ///
    /// Errors: the records that are left out belong to another statement.
    pub(super) fn waited(&mut self, site: &EffectSite) -> Result<Option<WaitProgress>, ReplayDifference> {
        while self.peek() == Some(RecordKind::Event) {
            self.next();
        }
        // Where everything was loaded, the records before the mark are walked, and it says nothing new.
        if !self.leaves_out() {
            return Ok(None);
        }
        let Some(record) = self.take() else { return Ok(None) };
        let entry = record.entry().map_err(|why| ReplayDifference::unreadable(&record, &why))?;
        let Entry::Own(JournalEvent::Mark(mark)) = entry else { return Ok(None) };
        if mark.site != *site {
            return Err(ReplayDifference {
                seq: Some(record.seq),
                was: "a wait at another place".into(),
                now: "a wait".into(),
            });
        }
        self.asleep =
            Some(InterruptedEffect { seq: mark.sleep, at: mark.since, asked: None, brought: Vec::new() });
        Ok(Some(mark.wait))
    }

    /// How far the wait is, as it was recorded with the next effect.
    pub(super) fn slept(&mut self) -> Option<WaitProgress> {
        if !matches!(self.peek()?, RecordKind::Intent | RecordKind::Look) {
            return None;
        }
        match self.records.peek()?.entry().ok()? {
            Entry::Own(JournalEvent::Intent { behind, .. } | JournalEvent::Look { behind, .. }) => {
                behind.map(|progress| *progress)
            }
            Entry::Own(_) | Entry::Event(_) => None,
        }
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

    /// The reply to this intent; between the two, the journal itself may have asked a person. A sleep has no reply: it is
    /// over where anything follows.
    fn answer(
        &mut self,
        mut open: InterruptedEffect,
        is_sleep: bool,
    ) -> Result<CursorStep, ReplayDifference> {
        if is_sleep && self.peek().is_some_and(|form| form != RecordKind::BrokenOff) {
            return Ok((RecordedResult::Reply(Reply::Slept), Vec::new()));
        }
        let mut own = std::mem::take(&mut self.own);
        while self.peek().is_some() {
            let Some(record) = self.next() else { break };
            let entry = record.entry().map_err(|why| ReplayDifference::unreadable(&record, &why))?;
            match entry {
                Entry::Event(event) => own.push((record.at, event)),
                Entry::Own(JournalEvent::Reply { answer, to }) if open.is_brought_by(to) => {
                    open.brought_by(to, &answer);
                }
                Entry::Own(JournalEvent::Reply { .. }) if open.asked.is_some() => {
                    open.asked = None;
                    self.closed.append(&mut open.brought);
                }
                Entry::Own(JournalEvent::Reply { answer, .. }) => {
                    self.closed.append(&mut open.brought);
                    return Ok((RecordedResult::Reply(answer), own));
                }
                Entry::Own(JournalEvent::BrokenOff { by, .. }) => {
                    self.closed.append(&mut open.brought);
                    return Ok((RecordedResult::BrokenOff(by), own));
                }
                Entry::Own(JournalEvent::Intent { intent, .. } | JournalEvent::Look { look: intent, .. }) => {
                    if let Some(step) = BroughtStep::of(record.seq, &intent) {
                        open.brought.push(step);
                        continue;
                    }
                    let Effect::Ask(ask) = intent else {
                        return Err(ReplayDifference::of_effect(&record, &intent));
                    };
                    if open.asked.is_some() {
                        return Err(ReplayDifference::of_effect(&record, &Effect::Ask(ask)));
                    }
                    open.asked = Some(InterruptedQuestion { seq: record.seq, at: record.at, ask });
                }
                Entry::Own(
                    JournalEvent::Begun(_)
                    | JournalEvent::Resumed { .. }
                    | JournalEvent::AlertChanged(_)
                    | JournalEvent::Mark(_),
                ) => {}
            }
        }
        Ok((RecordedResult::Cut(open), own))
    }
}

/// How the record of a conclusion begins.
pub(super) const CONCLUDES: &str = "{\"type\":\"intent\",\"intent\":{\"effect\":\"conclude\"";

/// The key of what reports to a service a question that does not wait any more; `None`: it is something else.
fn conclusion(record: &JournalRecord) -> Option<String> {
    let Ok(Entry::Own(JournalEvent::Intent { intent, .. })) = record.entry() else { return None };
    let Effect::Conclude(Conclude { question: Some(_), key, .. }) = intent else { return None };
    Some(key)
}

/// Whether a record has this content. Where a secret was replaced, any text matches.
fn is_same(record: &JournalRecord, data: &str, same: impl FnOnce(&Entry) -> bool) -> bool {
    record.data == data
        || fits_around_dots(&record.data, data)
        || record.entry().is_ok_and(|entry| same(&entry))
}

/// Whether a text matches a record outside the dots in the record.
pub(super) fn fits_around_dots(recorded: &str, data: &str) -> bool {
    let mut parts = recorded.split(MASK);
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
        let parked = Event::of(EventKind::Parked { parked: Parked::ByHand, pending: Vec::new() });
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
