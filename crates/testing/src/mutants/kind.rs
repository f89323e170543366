//! The kinds of change that a mutant can be: each is a slip that a person makes in an editor.

use schemars::JsonSchema;
use serde::Serialize;

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A number that something is compared with, or that a parameter has, is a tenth smaller or larger; a small count
    /// one less or one more.
    Threshold,
    /// `up to N` or `retry N` is one less or one more.
    Count,
    /// `<` for `<=`, `>` for `>=`, and the other way round.
    Boundary,
    /// `==` for `!=`, and the other way round.
    Equality,
    /// `and` for `or`, and the other way round.
    Connective,
    /// `any` for `every`, and the other way round.
    Quantifier,
    /// `not` is dropped.
    Negation,
    /// Two neighbouring arms of an `if` or a `match` do what the other one did.
    Arms,
    /// An `unknown` arm is dropped.
    Unknown,
    /// An `else` arm is dropped.
    Else,
    /// Another team is paged.
    Team,
    /// A `check` is dropped.
    Check,
    /// An `action` is dropped.
    Action,
    /// An `escalate` is dropped.
    Escalation,
    /// A `record` is dropped.
    Record,
    /// A `wait` is dropped.
    Wait,
    /// A `run` is dropped.
    Run,
    /// A `resolve` or a `stop` is dropped.
    End,
    /// A time is halved or doubled: `within`, `for`, `over`, `ago`, `wait D`, the `every` of a loop. *Why not a tenth:*
    /// nobody tests whether ten minutes are nine.
    Time,
    /// A `finally` or an `undo` is dropped.
    Cleanup,
    /// An argument of `run … with (…)` is dropped: the runbook that is run takes its default.
    Argument,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 21] = [
        Self::Threshold,
        Self::Count,
        Self::Boundary,
        Self::Equality,
        Self::Connective,
        Self::Quantifier,
        Self::Negation,
        Self::Arms,
        Self::Unknown,
        Self::Else,
        Self::Team,
        Self::Check,
        Self::Action,
        Self::Escalation,
        Self::Record,
        Self::Wait,
        Self::Run,
        Self::End,
        Self::Time,
        Self::Cleanup,
        Self::Argument,
    ];

    /// Its name, as it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Threshold => "threshold",
            Self::Count => "count",
            Self::Boundary => "boundary",
            Self::Equality => "equality",
            Self::Connective => "connective",
            Self::Quantifier => "quantifier",
            Self::Negation => "negation",
            Self::Arms => "arms",
            Self::Unknown => "unknown",
            Self::Else => "else",
            Self::Team => "team",
            Self::Check => "check",
            Self::Action => "action",
            Self::Escalation => "escalation",
            Self::Record => "record",
            Self::Wait => "wait",
            Self::Run => "run",
            Self::End => "end",
            Self::Time => "time",
            Self::Cleanup => "cleanup",
            Self::Argument => "argument",
        }
    }
}
