//! What a run writes down, an entry at a time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Begun;
use crate::{Effect, Event, Reply};

/// An entry. As JSON one object, `type` first; the events of the story are written as they are told
/// (`{"type":"decided",…}`), what only the journal knows has types of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Entry {
    /// What only the journal knows.
    Own(Own),
    /// An event of the story.
    Event(Event),
}

/// What only the journal knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Own {
    /// The run began: always the first entry.
    Begun(Box<Begun>),
    /// Something is about to be asked of the world. For an action, a page, a record and a question it is durable before
    /// it happens.
    Intent {
        /// What.
        intent: Effect,
    },
    /// What the world answered to the last intent.
    Reply {
        /// What.
        answer: Reply,
    },
    /// In place of an answer: a person broke the run off while the last intent lasted.
    BrokenOff {
        /// Who.
        by: String,
    },
    /// The run is gone on with, by another process or later.
    Resumed {
        /// Who goes on with it.
        by: String,
        /// The version of rbl.
        rbl: String,
        /// The file has changed since the run began: its text is not used.
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        changed: bool,
    },
}

impl Entry {
    /// As it is written: JSON without anything that would act on a terminal.
    pub(super) fn data(&self) -> String {
        // Entries are made of what has a JSON form.
        rbl_syntax::harmless_json(serde_json::to_string(self).unwrap_or_default())
    }
}
