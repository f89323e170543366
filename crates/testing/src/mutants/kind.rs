//! The kinds of mutants: each is a mistake that people make when they edit a runbook.

use schemars::JsonSchema;
use serde::Serialize;

/// The kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MutantKind {
    /// A threshold or the default of a parameter becomes a tenth smaller or larger; a small count one less or one more.
    Threshold,
    /// `up to N`, `retry N` or `at most N` becomes one less or one more.
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
    /// Two neighbouring arms of an `if` or a `match`, or two sides of a conditional expression, are swapped.
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
    /// A `lock` is dropped.
    Lock,
    /// A `resolve` or a `stop` is dropped.
    End,
    /// A time is halved or doubled: `within`, `for`, `over`, `ago`, `wait D`, the `every` of a loop. *Why not a tenth:*
    /// nobody tests the difference between ten minutes and nine.
    Time,
    /// A `finally` or an `undo` is dropped.
    Cleanup,
    /// An argument of `run … with (…)` is dropped, so that the runbook takes its default.
    Argument,
    /// A code of `no on` is dropped, so that it is unknown.
    ExitCode,
    /// The `by TEAM` of an action is dropped, or names another team.
    Approval,
    /// The `at most N in D` of a `define` is dropped.
    Limit,
}

impl MutantKind {
    /// All kinds.
    pub const ALL: [Self; 25] = [
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
        Self::Lock,
        Self::End,
        Self::Time,
        Self::Cleanup,
        Self::Argument,
        Self::ExitCode,
        Self::Approval,
        Self::Limit,
    ];

    /// The name, as printed.
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
            Self::Lock => "lock",
            Self::End => "end",
            Self::Time => "time",
            Self::Cleanup => "cleanup",
            Self::Argument => "argument",
            Self::ExitCode => "exit_code",
            Self::Approval => "approval",
            Self::Limit => "limit",
        }
    }
}
