//! How a tree walk is left before its end: a runbook that ends, or an interrupt. Unwinds through `?`.

use super::Interrupt;

/// A way out. Boxed, so that the way on stays cheap.
#[derive(Debug)]
pub(super) struct Exit(Box<Kind>);

/// The ways out.
#[derive(Debug)]
pub(super) enum Kind {
    /// `resolve`: over, and well.
    Resolved(Option<String>),
    /// `stop`: over, and not well.
    Stopped(Option<String>),
    /// Something that the runbook does not handle; told already.
    Unhandled(String),
    /// The world breaks in.
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

/// What a step of the walk gives: a value, or a way out.
pub(super) type Walk<T> = Result<T, Exit>;
