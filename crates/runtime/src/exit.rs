//! [`EarlyExit`]: why a tree walk ends early, because the runbook ends or an interrupt came. Propagates through `?`.

use super::Interrupt;

/// An early exit. Boxed, so that the success path stays cheap.
#[derive(Debug)]
pub(super) struct EarlyExit(Box<EarlyExitKind>);

/// The kinds of early exit.
#[derive(Debug)]
pub(super) enum EarlyExitKind {
    /// `resolve`, with its text.
    Resolved(Option<String>),
    /// `stop`, with its text.
    Stopped(Option<String>),
    /// Something the runbook does not handle; already reported.
    Unhandled(String),
    /// The `finally` of a block failed; already reported.
    NotPutBack(String),
    /// The world interrupts the run.
    Interrupt(Interrupt),
}

impl EarlyExit {
    pub(super) fn new(kind: EarlyExitKind) -> Self {
        Self(Box::new(kind))
    }

    pub(super) fn kind(self) -> EarlyExitKind {
        *self.0
    }
}

impl From<Interrupt> for EarlyExit {
    fn from(interrupt: Interrupt) -> Self {
        Self::new(EarlyExitKind::Interrupt(interrupt))
    }
}

/// The result of a step of the walk: a value, or an early exit.
pub(super) type WalkResult<T> = Result<T, EarlyExit>;
