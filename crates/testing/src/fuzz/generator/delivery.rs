//! Generates pages and records that are not delivered.

use super::Imagined;
use crate::scripted::{Fault, Outage, Party, What};
use rbl_runtime::{Page, Record};

/// One in this many teams or channels cannot be reached.
const SELDOM: usize = 12;

pub(super) fn party_key(party: &Party) -> String {
    format!("{party:?}")
}

impl Imagined<'_> {
    pub(super) fn page(&mut self, page: &Page) {
        self.reach(Party::Team(page.team.clone()));
    }

    pub(super) fn record(&mut self, record: &Record) {
        if let Some(channel) = &record.channel {
            self.reach(Party::Channel(channel.clone()));
        }
    }

    /// *Why never slow:* the time to send a page is not part of a path's time.
    fn reach(&mut self, party: Party) {
        if self.first(party_key(&party)) && self.chance.once_in(SELDOM) {
            let fault =
                if self.chance.once_in(2) { Fault::Down } else { Fault::Error("internal error".into()) };
            self.give(None, What::Outage(Outage { of: party, fault }));
        }
    }
}
