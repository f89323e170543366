//! [`Exit`]: why a tree walk ends early, because the runbook ends or an interrupt came. Propagates through `?`.

use super::Interrupt;

/// An early exit. Boxed, so that the success path stays cheap.
#[derive(Debug)]
pub(super) struct Exit(Box<Kind>);

/// The kinds of early exit.
#[derive(Debug)]
pub(super) enum Kind {
    /// `resolve`, with its text.
    Resolved(Option<String>),
    /// `stop`, with its text.
    Stopped(Option<String>),
    /// Something the runbook does not handle; already reported.
    Unhandled(String),
    /// The world interrupts the run.
    Interrupt(Interrupt),
}

impl Exit {
    pub(super) fn new(kind: Kind) -> Self {
        Self(Box::new(kind))
    }

    pub(super) fn kind(self) -> Kind {
        *self.0
    }
}

impl From<Interrupt> for Exit {
    fn from(interrupt: Interrupt) -> Self {
        Self::new(Kind::Interrupt(interrupt))
    }
}

/// The result of a step of the walk: a value, or an early exit.
pub(super) type Walk<T> = Result<T, Exit>;
