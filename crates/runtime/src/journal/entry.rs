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
    Own(Own),
    /// An event of the run.
    Event(Event),
}

/// An entry of the journal itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Own {
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

impl Entry {
    /// The entry as it is written: JSON without terminal control characters.
    pub(super) fn data(&self) -> String {
        // Every entry can be serialised to JSON.
        rbl_syntax::harmless_json(serde_json::to_string(self).unwrap_or_default())
    }
}
