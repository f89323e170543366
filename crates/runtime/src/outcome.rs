//! How a run ended.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a run ended. In every case somebody knows: no run ends in silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The runbook reached `resolve` or its end.
    Resolved,
    /// Somebody was paged.
    Escalated,
    /// Without success, and nobody could be paged.
    Failed,
    /// A person aborted it.
    Aborted,
    /// Parked for a time, an answer or an approval.
    Waiting,
}

impl Outcome {
    /// Those with which a run is over.
    pub const ENDS: [Self; 4] = [Self::Resolved, Self::Escalated, Self::Failed, Self::Aborted];

    /// The word of the language: `resolved`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Resolved => "resolved",
            Self::Escalated => "escalated",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
            Self::Waiting => "waiting",
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
