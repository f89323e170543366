//! What happened in a session, apart from the walk through a loaded runbook, and the last decision of both.

use rbl_runtime::{Decision, Event};

/// The events of a session.
#[derive(Debug, Default)]
pub(super) struct SessionLog {
    pub(super) events: Vec<Event>,
    decision: Option<Decision>,
}

impl SessionLog {
    /// Notes a decision; without one, the last stays.
    pub(super) fn decided(&mut self, decision: Option<Decision>) {
        self.decision = decision.or(self.decision.take());
    }

    /// The last decision.
    pub(super) fn decision(&self) -> Option<&Decision> {
        self.decision.as_ref()
    }
}
