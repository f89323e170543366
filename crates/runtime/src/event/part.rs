//! What events are made of: what set a run off, what an action is part of, a page that arrived.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::Delivery;
use rbl_syntax::value::Time;

/// What set a run off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Started {
    /// A person.
    Manual,
    /// The clock.
    Schedule {
        /// The cron line.
        cron: String,
        /// When the maintenance window opened and closes, where there is one.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        window: Option<(Time, Time)>,
    },
    /// An alert.
    Alert {
        /// Its name.
        name: SmolStr,
        /// Since when it fires.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        since: Option<Time>,
        /// How many other alerts came in the same body.
        others: u32,
    },
}

/// What an action is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionRole {
    /// The body.
    Action,
    /// `finally`: done when the run ends, however it ends.
    Finally,
    /// `undo`: done when the run does not end resolved.
    Undo,
}

/// A page that was delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Paged {
    /// The team.
    pub team: String,
    /// Why.
    pub reason: String,
    /// How it was told, and whether anybody beyond this terminal was.
    pub delivery: Delivery,
}
