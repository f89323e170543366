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
    /// The provider could not be reached.
    Unreachable,
    /// The provider answered with an error.
    ProviderError,
    /// The provider answered something that could not be read as its protocol.
    BadAnswer,
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
    /// An aggregate of nothing: `any`, `every`, `max` of an empty list.
    Empty,
    /// The action or command never ran, so it has no result.
    NotRun,
    /// The team did not approve the action, so it never ran.
    NotApproved,
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
