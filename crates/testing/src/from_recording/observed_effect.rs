//! An effect and its reply, at the simulated time at which it was requested.

use rbl_runtime::{
    Act, Acted, Answer, AnswerAuthor, Ask, Delivery, FiringAnswer, LockEffect, Probe, Read, Reading,
};
use rbl_syntax::value::{CommandOutput, Reason};

/// An effect and its result.
#[derive(Debug, Clone)]
pub(super) struct ObservedEffect {
    /// Simulated seconds since the start, when it was requested.
    pub(super) at: f64,
    pub(super) what: ObservedKind,
}

/// The kind of effect.
#[derive(Debug, Clone)]
pub(super) enum ObservedKind {
    /// A metric. The points of a window are at simulated times.
    Read(Read, Result<Reading, Reason>),
    /// Whether the alert still fires.
    Firing(Result<FiringAnswer, Reason>),
    /// A probe.
    Probe(Probe, CommandOutput),
    /// An action, and how long it took.
    Act(Box<Act>, Acted, f64),
    /// A question, and how long it took.
    Ask(Ask, Answer, f64),
    /// A lock, whether it was obtained, and how long that took.
    Lock(LockEffect, Result<(), Reason>, f64),
    /// A runbook that was not started, because its limit was reached: its file as the `run` names it.
    Limited(String),
    /// A page.
    Page(String, Result<Delivery, Reason>),
    /// Whether a page was acknowledged, and how long it took.
    Acknowledge(String, Result<AnswerAuthor, Reason>, f64),
    /// A record to a named channel.
    Record(String, Result<Delivery, Reason>),
}
