//! What a run sees by the clock of a test.

use rbl_runtime::{Act, Acted, Answer, Ask, Delivery, Probe, Read, Reading};
use rbl_syntax::value::{CommandOutput, Reason};

/// Something that was asked for and what came of it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Simulated seconds since the start, when it was asked for.
    pub(super) at: f64,
    pub(super) what: Sight,
}

/// What was asked for.
#[derive(Debug, Clone)]
pub(super) enum Sight {
    /// A metric. Points of a window stand at the times of the simulation.
    Read(Read, Result<Reading, Reason>),
    /// A command that looks.
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
