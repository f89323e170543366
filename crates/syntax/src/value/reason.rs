//! Why something is unknown. A closed list of kinds, so that each has its own name, and words for people.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kinds of not knowing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// The query worked and nothing came.
    NoData,
    /// Several series came where one was asked for.
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
    /// The provider keeps no history, or not for as long.
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
    /// A text that is no number, or no JSON.
    Unreadable,
    /// A division by zero, or another sum without a value.
    NoValue,
    /// Over nothing: `any`, `every`, `max` of an empty list.
    Empty,
    /// The action or command never ran, so it has no result.
    NotRun,
}

/// Why something is unknown: the kind, and the words people read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Which kind.
    pub kind: ReasonKind,
    /// What people read: "no data", "3 series, which differ in `instance`", "connection refused".
    pub text: String,
}

impl Reason {
    /// A reason in words.
    pub fn new(kind: ReasonKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// The query worked and nothing came.
    pub fn no_data() -> Self {
        Self::new(ReasonKind::NoData, "no data")
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
