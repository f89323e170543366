//! An effect and its reply, at the simulated time at which it was requested.

use rbl_runtime::{Act, Acted, Answer, Ask, Delivery, Probe, Read, Reading};
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
    /// A probe.
    Probe(Probe, CommandOutput),
    /// An action, and how long it took.
    Act(Box<Act>, Acted, f64),
    /// A question, and how long it took.
    Ask(Ask, Answer, f64),
    /// A page.
    Page(String, Result<Delivery, Reason>),
    /// A record to a named channel.
    Record(String, Result<Delivery, Reason>),
}
