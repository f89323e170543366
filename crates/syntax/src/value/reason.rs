//! Why a value is unknown: a closed list of [kinds](ReasonKind), each with its own name, and a text for people.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kinds of unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// The query worked and returned nothing.
    NoData,
    /// Several series were returned where one was asked for.
    ManySeries,
    /// Not a number.
    NotANumber,
    /// An infinity.
    Infinite,
    /// Older than the provider's `max_age`.
    Stale,
    /// No answer within the time-out.
    TimedOut,
    /// It timed out or the connection was lost, and it still runs, or may still run.
    StillRuns,
    /// The provider could not be reached.
    Unreachable,
    /// The provider answered with an error.
    ProviderError,
    /// The provider answered something that could not be read as its protocol.
    BadAnswer,
    /// A part of the data is missing, as the provider says itself.
    Partial,
    /// The provider keeps no history, or not as far back.
    NoHistory,
    /// A gap in the samples of a window.
    Gap,
    /// A person said "not sure".
    NotSure,
    /// Nobody answered in time.
    NoAnswer,
    /// A probe ended in a way that is neither yes nor no.
    ProbeFailed,
    /// A field, an element or a label that is not there.
    NoField,
    /// A text that is not a number, or not JSON.
    Unreadable,
    /// A division by zero, or another computation without a value.
    NoValue,
    /// A whole number that is too large to compute with exactly.
    TooLarge,
    /// An aggregate of nothing: `any`, `every`, `max` of an empty list.
    Empty,
    /// The action or command never ran, so it has no result.
    NotRun,
    /// Output that was cut at the limit.
    Cut,
    /// Output that is not UTF-8.
    NotUtf8,
    /// A secret was in it, and its value is not kept.
    Masked,
    /// rbl removed something from it: what it is compared with is known, what it names is not.
    Altered,
    /// The team did not approve the action, so it never ran.
    NotApproved,
    /// The run only looks, and this would have changed something, so it never ran.
    OnlyLooks,
    /// The action was done, or the runbook was run, as often as its limit allows.
    LimitReached,
}

/// Why a value is unknown: the kind, and a text for people.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Which kind.
    pub kind: ReasonKind,
    /// The text for people: "no data", "3 series, which differ in `instance`", "connection refused".
    pub text: String,
}

impl Reason {
    /// Creates a reason.
    pub fn new(kind: ReasonKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// The reason [`ReasonKind::NotUtf8`].
    pub fn not_utf8() -> Self {
        Self::new(ReasonKind::NotUtf8, "it is not UTF-8")
    }

    /// The reason [`ReasonKind::Masked`].
    pub fn masked() -> Self {
        Self::new(ReasonKind::Masked, "a secret was in it, which is not kept")
    }

    /// The reason [`ReasonKind::Altered`] of a text from which this was removed: "colour codes".
    pub fn altered(removed: &str) -> Self {
        Self::new(ReasonKind::Altered, format!("rbl removed {removed} from it"))
    }

    /// The reason [`ReasonKind::TooLarge`].
    pub fn too_large() -> Self {
        Self::new(ReasonKind::TooLarge, "too large to compute with exactly")
    }

    /// The reason [`ReasonKind::NoData`].
    pub fn no_data() -> Self {
        Self::new(ReasonKind::NoData, "no data")
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
