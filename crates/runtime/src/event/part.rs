//! Parts of events: what started a run, what an action is part of, a delivered page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::Delivery;
use rbl_syntax::value::Time;

/// What started a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Started {
    /// A person.
    Manual,
    /// A schedule.
    Schedule {
        /// The cron expression.
        cron: String,
        /// When the maintenance window opened and closes, where there is one.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        window: Option<(Time, Time)>,
    },
    /// An alert.
    Alert {
        /// Its name.
        name: SmolStr,
        /// When it began to fire.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        since: Option<Time>,
        /// The number of other alerts in the same body.
        others: u32,
        /// The labels that the trigger groups runs by, with their values.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        by: Vec<(SmolStr, SmolStr)>,
    },
}

/// What an action is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionRole {
    /// The body of the runbook.
    #[default]
    Action,
    /// `finally`: runs when the run ends, however it ends.
    Finally,
    /// `undo`: runs when the run does not end resolved.
    Undo,
}

/// A page that was delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Paged {
    /// The team.
    pub team: String,
    /// The reason.
    pub reason: String,
    /// How it was delivered, and whether it reached anybody beyond this terminal.
    pub delivery: Delivery,
}
