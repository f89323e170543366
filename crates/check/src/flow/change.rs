//! Changes that take more than one action: begun and not yet completed.

use super::opposite::Opposite;
use rbl_syntax::source::Span;

/// A change in progress.
#[derive(Debug, Clone)]
pub(super) struct UnfinishedChange {
    /// The action that began it.
    pub(super) begun: Span,
    /// How another action ends it; `None` if `finally` does when the run ends.
    pub(super) opposite: Option<&'static Opposite>,
    /// The conditions since then that would stop the run if unknown.
    pub(super) unhandled: Vec<Span>,
}

impl UnfinishedChange {
    /// Merges the state of two paths.
    pub(super) fn join(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(mut one), Some(other)) if one.begun == other.begun => {
                for span in other.unhandled {
                    if !one.unhandled.contains(&span) {
                        one.unhandled.push(span);
                    }
                }
                Some(one)
            }
            (one, other) => one.or(other),
        }
    }
}
