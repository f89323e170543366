//! [`Entry`]: what a run records.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Begun;
use crate::{Effect, Event, Reply};

/// One entry. In JSON one object, `type` first; events keep their own type
/// (`{"type":"decided",…}`), journal entries have types of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Entry {
    /// An entry of the journal itself.
    Own(JournalEvent),
    /// An event of the run.
    Event(Event),
}

/// An entry of the journal itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum JournalEvent {
    /// The run began: always the first entry.
    Begun(Box<Begun>),
    /// An effect is about to be performed. For an action, a page, a record and a question this is durable before the
    /// effect happens.
    Intent {
        /// The effect.
        intent: Effect,
    },
    /// The world's reply to the last intent.
    Reply {
        /// The reply.
        answer: Reply,
    },
    /// In place of a reply: a person aborted the run during the last intent.
    BrokenOff {
        /// Who.
        by: String,
    },
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

/// The types of [`JournalEvent`], as a record's JSON begins with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnType {
    /// [`JournalEvent::Begun`]
    Begun,
    /// [`JournalEvent::Intent`]
    Intent,
    /// [`JournalEvent::Reply`]
    Reply,
    /// [`JournalEvent::BrokenOff`]
    BrokenOff,
    /// [`JournalEvent::Resumed`]
    Resumed,
}

impl OwnType {
    const ALL: [Self; 5] = [Self::Begun, Self::Intent, Self::Reply, Self::BrokenOff, Self::Resumed];

    /// The type in JSON.
    const fn word(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Intent => "intent",
            Self::Reply => "reply",
            Self::BrokenOff => "broken_off",
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
        }
    }

    /// The type of an entry, by its variant.
    fn variant(own: &JournalEvent) -> OwnType {
        match own {
            JournalEvent::Begun(_) => OwnType::Begun,
            JournalEvent::Intent { .. } => OwnType::Intent,
            JournalEvent::Reply { .. } => OwnType::Reply,
            JournalEvent::BrokenOff { .. } => OwnType::BrokenOff,
            JournalEvent::Resumed { .. } => OwnType::Resumed,
        }
    }

    #[test]
    fn the_type_in_json_names_the_variant() {
        let all = [
            JournalEvent::Begun(Box::new(begun())),
            JournalEvent::Intent { intent: Effect::Now },
            JournalEvent::Reply { answer: Reply::Slept },
            JournalEvent::BrokenOff { by: "ana".into() },
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
