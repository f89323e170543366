//! [`ReplayDifference`]: where a program first departs from its recording.

use super::{EffectSite, Entry, JournalEvent, JournalRecord};
use crate::{ActTarget, Effect, Event, EventPlace, ReadTime};

/// The first difference between the records and what the program does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayDifference {
    /// The position among the records; `None` past their end.
    pub seq: Option<u64>,
    /// What was recorded.
    pub was: String,
    /// What the program does now.
    pub now: String,
}

impl std::fmt::Display for ReplayDifference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.seq {
            Some(seq) => write!(f, "record {seq} says {}, and the program does {}", self.was, self.now),
            None => write!(f, "the records are over, and the program does {}", self.now),
        }
    }
}

impl ReplayDifference {
    pub(super) fn beyond(event: &Event) -> Self {
        Self { seq: None, was: "nothing more".into(), now: event_words(event) }
    }

    pub(super) fn beyond_effect(effect: &Effect) -> Self {
        Self { seq: None, was: "nothing more".into(), now: effect_words(effect) }
    }

    pub(super) fn of_event(record: &JournalRecord, event: &Event) -> Self {
        let mut difference = Self { seq: Some(record.seq), was: words(record), now: event_words(event) };
        if difference.was == difference.now {
            let now = serde_json::to_string(event).unwrap_or_default();
            (difference.was, difference.now) = apart(&record.data, &now);
        }
        difference
    }

    pub(super) fn of_effect(record: &JournalRecord, effect: &Effect) -> Self {
        let mut difference = Self { seq: Some(record.seq), was: words(record), now: effect_words(effect) };
        if difference.was == difference.now {
            let intent = Entry::Own(JournalEvent::Intent {
                intent: effect.clone(),
                site: EffectSite::default(),
                lane: 0,
                behind: None,
            });
            let now = serde_json::to_string(&intent).unwrap_or_default();
            (difference.was, difference.now) = apart(&record.data, &now);
        }
        difference
    }

    pub(super) fn unreadable(record: &JournalRecord, why: &serde_json::Error) -> Self {
        Self {
            seq: Some(record.seq),
            was: format!("an unreadable entry ({why})"),
            now: "nothing with it".into(),
        }
    }
}

/// Excerpts of two texts, from shortly before they differ.
fn apart(was: &str, now: &str) -> (String, String) {
    let same = was.chars().zip(now.chars()).take_while(|(a, b)| a == b).count();
    let cut = |text: &str| {
        let from = same.saturating_sub(30);
        let part: String = text.chars().skip(from).take(90).collect();
        format!("`{}{part}`", if from > 0 { "…" } else { "" })
    };
    (cut(was), cut(now))
}

/// A record in a few words.
pub(super) fn words(record: &JournalRecord) -> String {
    match record.entry() {
        Ok(Entry::Own(JournalEvent::Intent { intent, .. } | JournalEvent::Look { look: intent, .. })) => {
            effect_words(&intent)
        }
        Ok(Entry::Own(JournalEvent::Reply { .. })) => "an answer".into(),
        Ok(Entry::Own(JournalEvent::BrokenOff { by, .. })) => format!("that {by} aborted the run"),
        Ok(Entry::Own(JournalEvent::Mark(_))) => "where a wait was left".into(),
        Ok(Entry::Own(JournalEvent::AlertChanged(change))) => format!("the alert {}", change.words()),
        Ok(Entry::Own(JournalEvent::Begun(_))) => "the beginning".into(),
        Ok(Entry::Own(JournalEvent::Resumed { by, .. })) => format!("that {by} resumed the run"),
        Ok(Entry::Event(event)) => event_words(&event),
        Err(why) => format!("an unreadable entry ({why})"),
    }
}

/// An effect in a few words.
pub fn effect_words(effect: &Effect) -> String {
    let on = |host: &Option<String>| host.as_ref().map_or(String::new(), |host| format!(" on {host}"));
    match effect {
        Effect::Now => "a look at the clock".into(),
        Effect::Sleep(sleep) => format!("a sleep of {}s", sleep.seconds),
        Effect::Read(read) => {
            let time = match read.time {
                ReadTime::Now => String::new(),
                ReadTime::At(at) => format!(" at {at}"),
                ReadTime::Window { seconds, .. } => format!(" over {seconds}s"),
            };
            format!("reading {}{time}: `{}`", read.metric, read.query.shown())
        }
        Effect::Firing(_) => "a look whether the alert still fires".into(),
        Effect::Mode(_) => "a look in which mode the run is".into(),
        Effect::Probe(probe) => format!("the probe `{}`{}", probe.command.shown(), on(&probe.host)),
        Effect::Act(act) => {
            let what = if matches!(act.target, ActTarget::Instruction(_)) { "instruction" } else { "action" };
            let again = if act.attempt > 1 { format!(", try {}", act.attempt) } else { String::new() };
            format!("the {what} `{}`{}{again}", act.title, on(&act.host))
        }
        Effect::Ask(ask) => format!("the question \"{}\"", ask.prompt),
        Effect::Page(page) => format!("a page to {}: {}", page.team, page.reason),
        Effect::Acknowledge(it) => format!("the acknowledgement of the page to {}", it.team),
        Effect::Record(record) => format!("the record \"{}\"", record.text),
        Effect::Lock(lock) => format!("the lock \"{}\"", lock.name),
        Effect::Enter(run) => format!("a place for the runbook \"{}\"", run.runbook),
        Effect::Leave(run) => format!("the end of the runbook \"{}\"", run.runbook),
        Effect::Conclude(it) => format!("the report of the end to {}", it.ticket.through.name()),
        Effect::Secret { name, .. } => format!("a look whether the secret `{name}` can be read"),
    }
}

fn event_words(event: &Event) -> String {
    let kind = serde_json::to_value(&event.kind).ok();
    let kind = kind.as_ref().and_then(|it| it.get("type")?.as_str().map(str::to_owned)).unwrap_or_default();
    match &event.place {
        Some(EventPlace { file, line, .. }) => format!("`{kind}` at {file}:{line}"),
        None => format!("`{kind}`"),
    }
}
