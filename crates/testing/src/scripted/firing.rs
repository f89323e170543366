//! `alert.firing` in a test: yes while the alert that starts the run fires, else what is given.

use super::FiringState;
use rbl_check::ALERTMANAGER;
use rbl_runtime::{FiringAnswer, FiringQuery};
use rbl_syntax::value::{Reason, ReasonKind};

/// Whether the alert fires, over the time of a test.
#[derive(Debug, Default)]
pub(super) struct GivenFiring {
    /// Whether an alert starts the run: it fires until something else is given.
    started: bool,
    given: Vec<(f64, FiringState)>,
}

impl GivenFiring {
    pub(super) fn new(started: bool) -> Self {
        Self { started, given: Vec::new() }
    }

    /// Gives a state from a time on. Of two with the same time the later line wins.
    pub(super) fn give(&mut self, state: FiringState, from: f64) {
        let at = self.given.partition_point(|(known, _)| *known <= from);
        self.given.insert(at, (from, state));
    }

    /// Whether anything is given at this time.
    pub(super) fn is_given(&self, now: f64) -> bool {
        self.started || self.given.iter().any(|(from, _)| *from <= now)
    }

    pub(super) fn answer(&self, now: f64) -> Result<FiringAnswer, Reason> {
        let state = self.given.iter().rfind(|(from, _)| *from <= now).map(|(_, state)| *state);
        let firing = match state {
            Some(FiringState::Yes) => true,
            Some(FiringState::No) => false,
            Some(FiringState::Unknown) => {
                return Err(Reason::new(ReasonKind::NoData, "it is unknown whether it fires"));
            }
            None if self.started => true,
            None => return Err(FiringQuery::no_alert()),
        };
        Ok(FiringAnswer { firing, source: ALERTMANAGER.into() })
    }
}
