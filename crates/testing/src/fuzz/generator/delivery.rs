//! Generates pages and records that are not delivered.

use super::GeneratedWorld;
use crate::scripted::{GivenSubject, Outage, Service, ServiceFault};
use rbl_runtime::{Page, RecordEffect};

/// One in this many teams or channels cannot be reached.
const SELDOM: usize = 12;

pub(super) fn party_key(party: &Service) -> String {
    format!("{party:?}")
}

impl GeneratedWorld<'_> {
    pub(super) fn page(&mut self, page: &Page) {
        self.reach(Service::Team(page.team.clone()));
    }

    pub(super) fn record(&mut self, record: &RecordEffect) {
        if let Some(channel) = &record.channel {
            self.reach(Service::Channel(channel.clone()));
        }
    }

    /// *Why never slow:* the time to send a page is not part of a path's time.
    fn reach(&mut self, party: Service) {
        if self.first(party_key(&party)) && self.rng.once_in(SELDOM) {
            let fault = if self.rng.once_in(2) {
                ServiceFault::Down
            } else {
                ServiceFault::Error("internal error".into())
            };
            self.give(None, GivenSubject::Outage(Outage { of: party, fault }));
        }
    }
}
