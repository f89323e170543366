//! The channel `pagerduty`: a note on the incident that the run has opened.

use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
use rbl_check::{Key, KeyKind};
use rbl_runtime::{Delivery, RecordEffect};
use rbl_syntax::value::Reason;
use serde::Deserialize;

use super::{Channel, page_of};
use crate::config_keys;
use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;
use crate::service::for_people::ForPeople;
use crate::service::pagerduty::{self, PagerDutyNotes, PagerDutyNotesConfig};
use crate::service::wording;

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Channel> = ConnectionKind {
    description: KindDescription {
        family: Family::Channel,
        kind: "pagerduty",
        summary: "a note on the incident that the run has opened",
        metrics: &[],
        contract: Contract::OurReading("the documentation of the REST API"),
        keys: &[
            super::TEAM,
            Key::needed("api_token", KeyKind::Secret, "a token of the REST API that may write notes"),
            pagerduty::API_URL,
            Key::needed("from", KeyKind::Plain, "the mail address of a user, who signs the notes"),
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| {
        let config = PagerDutyChannelConfig::deserialize(section)?;
        let notes = PagerDutyNotes::new(config.notes, base);
        Ok(Arc::new(ForPeople(PagerDutyChannel { notes, team: config.team })))
    },
};

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct PagerDutyChannelConfig {
    team: String,
    #[serde(flatten)]
    notes: PagerDutyNotesConfig,
}

/// Posts notes.
#[derive(Debug)]
struct PagerDutyChannel {
    notes: PagerDutyNotes,
    team: String,
}

impl Channel for PagerDutyChannel {
    fn post(&self, record: &RecordEffect, outlet: &Outlet) -> Result<Delivery, Reason> {
        let key = page_of(record, &self.team)?;
        let noted = self.notes.note(&wording::record_text(record, pagerduty::NOTE), key, &outlet.secrets);
        noted.map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn test(&self) -> Result<String, Reason> {
        self.notes.test()
    }
}
