//! [`Entry`]: what a run records.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AlertChange, Begun, EffectSite};
use crate::{Effect, Event, EventKind, Reply, Then, WaitProgress};
use rbl_syntax::value::Time;

/// One entry. In JSON one object, `type` first; events keep their own type
/// (`{"type":"decided",…}`), journal entries have types of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[allow(clippy::large_enum_variant)] // One at a time is written or read.
pub enum Entry {
    /// An entry of the journal itself.
    Own(JournalEvent),
    /// An event of the run.
    Event(Event),
}

/// An entry of the journal itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)] // One at a time is written or read.
pub enum JournalEvent {
    /// The run began: always the first entry.
    Begun(Box<Begun>),
    /// An effect is about to be performed: durable before it happens. A sleep has no reply; it is over where anything
    /// follows.
    Intent {
        /// The effect.
        intent: Effect,
        /// Where in the program.
        #[serde(default)]
        site: EffectSite,
        /// Which of several branches that run at once; the only one has the number 0.
        #[serde(default)]
        lane: u32,
        /// In a `wait until`: how far it is, where the polls before this were left out or the run was parked since.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        behind: Option<Box<WaitProgress>>,
    },
    /// An effect that only looks, and what the world replied: written with what follows.
    Look {
        /// The effect.
        look: Effect,
        /// The reply.
        answer: Reply,
        /// Where in the program.
        #[serde(default)]
        site: EffectSite,
        /// Which of several branches that run at once; the only one has the number 0.
        #[serde(default)]
        lane: u32,
        /// Seconds until the reply came; the record is as old as the reply.
        #[serde(default)]
        took: f64,
        /// In a `wait until`: how far it is, where the polls before this were left out or the run was parked since.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        behind: Option<Box<WaitProgress>>,
    },
    /// The world's reply to an intent.
    Reply {
        /// The reply.
        answer: Reply,
        /// The `seq` of the intent.
        #[serde(default)]
        to: u64,
    },
    /// In place of a reply: a person or a signal aborted the run.
    BrokenOff {
        /// Who.
        by: String,
        /// The `seq` of the intent.
        #[serde(default)]
        to: u64,
    },
    /// Where a `wait until` was left when the run was parked: whoever resumes it need not read the records that it
    /// covers.
    Mark(Box<WaitMark>),
    /// An alert joined the run, or was resolved.
    AlertChanged(Box<AlertChange>),
    /// The run is resumed, by another process or later.
    Resumed {
        /// Who resumes it.
        by: String,
        /// The version of rbl.
        rbl: String,
        /// The file has changed since the run began: its new text is not used.
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        changed: bool,
    },
}

/// See [`JournalEvent::Mark`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WaitMark {
    /// The first record of the wait, and this one: those from the first to before the second need not be read.
    pub covers: (u64, u64),
    /// Where in the program.
    pub site: EffectSite,
    /// How far the wait is.
    pub wait: WaitProgress,
    /// The `seq` of the sleep that is open.
    pub sleep: u64,
    /// When that sleep began.
    pub since: Time,
}

/// The records that a mark covers, from its JSON; `None` for any other entry.
pub fn covered(data: &str) -> Option<(u64, u64)> {
    #[derive(Deserialize)]
    struct Covers {
        covers: (u64, u64),
    }
    let mark = type_of(data).and_then(OwnType::of) == Some(OwnType::Mark);
    mark.then(|| serde_json::from_str::<Covers>(data).ok()).flatten().map(|mark| mark.covers)
}

/// Whether the journal keeps an event. It leaves out the looks, which are recorded with their replies, and each poll
/// that decided nothing new (see [`crate::World::polled`]); [`super::Replay`] reports what it finds of them.
pub(super) fn is_kept(event: &Event) -> bool {
    let looks =
        matches!(event.kind, EventKind::Read { .. }) || matches!(event.kind, EventKind::Probed { .. });
    !looks
}

/// Whether an event is a poll that decided nothing.
pub fn is_undecided_poll(event: &Event) -> bool {
    matches!(&event.kind, EventKind::Polled { decision, .. } if decision.then == Then::Again)
}

/// The types of [`JournalEvent`], as a record's JSON begins with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnType {
    /// [`JournalEvent::Begun`]
    Begun,
    /// [`JournalEvent::Intent`]
    Intent,
    /// [`JournalEvent::Look`]
    Look,
    /// [`JournalEvent::Reply`]
    Reply,
    /// [`JournalEvent::BrokenOff`]
    BrokenOff,
    /// [`JournalEvent::Mark`]
    Mark,
    /// [`JournalEvent::AlertChanged`]
    AlertChanged,
    /// [`JournalEvent::Resumed`]
    Resumed,
}

impl OwnType {
    const ALL: [Self; 8] = [
        Self::Begun,
        Self::Intent,
        Self::Look,
        Self::Reply,
        Self::BrokenOff,
        Self::Mark,
        Self::AlertChanged,
        Self::Resumed,
    ];

    /// The type in JSON.
    const fn word(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Intent => "intent",
            Self::Look => "look",
            Self::Reply => "reply",
            Self::BrokenOff => "broken_off",
            Self::Mark => "mark",
            Self::AlertChanged => "alert_changed",
            Self::Resumed => "resumed",
        }
    }

    /// The type with this word; `None` for that of an event.
    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }
}

/// The `type` that an entry's JSON begins with, without parsing the rest.
pub(super) fn type_of(data: &str) -> Option<&str> {
    data.strip_prefix("{\"type\":\"")?.split('"').next()
}

impl Entry {
    /// The entry as it is written: JSON without terminal control characters.
    pub(super) fn data(&self) -> String {
        // Every entry can be serialised to JSON.
        rbl_syntax::harmless_json(serde_json::to_string(self).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Begun;

    fn begun() -> Begun {
        Begun {
            format: Begun::FORMAT,
            rbl: "0.1.0".into(),
            run: "r1".into(),
            by: "ana".into(),
            sources: Vec::new(),
            providers: std::collections::BTreeMap::new(),
            masked: Vec::new(),
            params: std::collections::BTreeMap::new(),
            alert: None,
            scheduled: None,
            confirm: false,
            language: Begun::LANGUAGE,
            mode: crate::journal::RunMode::Act,
            modes: std::collections::BTreeMap::new(),
            mode_is_configured: false,
            teams: std::collections::BTreeMap::new(),
            time_zones: None,
        }
    }

    fn mark() -> WaitMark {
        let since = Time::parse("2026-05-01T10:00:00Z").unwrap();
        let wait = WaitProgress {
            began: Some(since),
            held_since: None,
            polls: 3,
            verdict: rbl_syntax::value::Verdict::No,
            readings: "p99 = 812ms".into(),
            pause: 15.0,
            left: 600.0,
        };
        WaitMark { covers: (4, 12), site: EffectSite::default(), wait, sleep: 11, since }
    }

    #[test]
    fn what_a_mark_covers_is_known_without_the_rest() {
        assert_eq!(covered(&Entry::Own(JournalEvent::Mark(Box::new(mark()))).data()), Some((4, 12)));
        let noted = Event::of(EventKind::Noted { text: "\"covers\":[1,2]".into() });
        assert_eq!(covered(&Entry::Event(noted).data()), None);
        assert_eq!(covered(""), None);
    }

    /// The type of an entry, by its variant.
    fn variant(own: &JournalEvent) -> OwnType {
        match own {
            JournalEvent::Begun(_) => OwnType::Begun,
            JournalEvent::Intent { .. } => OwnType::Intent,
            JournalEvent::Look { .. } => OwnType::Look,
            JournalEvent::Mark(_) => OwnType::Mark,
            JournalEvent::AlertChanged(_) => OwnType::AlertChanged,
            JournalEvent::Reply { .. } => OwnType::Reply,
            JournalEvent::BrokenOff { .. } => OwnType::BrokenOff,
            JournalEvent::Resumed { .. } => OwnType::Resumed,
        }
    }

    #[test]
    fn the_type_in_json_names_the_variant() {
        let all = [
            JournalEvent::Begun(Box::new(begun())),
            JournalEvent::Intent { intent: Effect::Now, site: EffectSite::default(), lane: 0, behind: None },
            JournalEvent::Look {
                look: Effect::Now,
                answer: Reply::Slept,
                site: EffectSite::default(),
                lane: 0,
                took: 0.0,
                behind: None,
            },
            JournalEvent::Reply { answer: Reply::Slept, to: 1 },
            JournalEvent::BrokenOff { by: "ana".into(), to: 1 },
            JournalEvent::Mark(Box::new(mark())),
            JournalEvent::AlertChanged(Box::new(AlertChange {
                alert: "DiskFull".into(),
                labels: std::collections::BTreeMap::new(),
                firing: true,
                at: Time::parse("2026-05-01T10:00:00Z").unwrap(),
                signal: Some(1),
                after_action: false,
            })),
            JournalEvent::Resumed { by: "ana".into(), rbl: "0.1.0".into(), changed: false },
        ];
        assert_eq!(all.each_ref().map(variant), OwnType::ALL);
        for own in all {
            let expected = variant(&own);
            let data = Entry::Own(own).data();
            assert_eq!(type_of(&data).and_then(OwnType::of), Some(expected), "{data}");
        }
        let event = Entry::Event(Event::of(crate::EventKind::Noted { text: "n".into() }));
        assert_eq!(type_of(&event.data()).map(OwnType::of), Some(None));
    }
}
