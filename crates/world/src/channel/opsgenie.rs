//! The channels `jsm` and `opsgenie`: a note on the alert that the run has opened.

use std::sync::Arc;

use rbl_check::{Contract, Family, Key, KindDescription};
use rbl_runtime::{Delivery, RecordEffect};
use rbl_syntax::value::Reason;
use serde::Deserialize;
use toml::de::{Error, ValueDeserializer};

use super::{Channel, page_of};
use crate::config_keys;
use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;
use crate::service::for_people::ForPeople;
use crate::service::opsgenie::{self, Flavour, OpsgenieAccess, OpsgenieAlerts};
use crate::service::wording;

const READ: Contract = Contract::OurReading("the documentation of the alert API");

/// The line of Opsgenie in the registry.
pub(super) const KIND: ConnectionKind<dyn Channel> = ConnectionKind {
    description: KindDescription {
        family: Family::Channel,
        kind: "opsgenie",
        summary: "a note on the alert of Opsgenie that the run has opened",
        metrics: &[],
        contract: READ,
        keys: &[
            super::TEAM,
            opsgenie::API_KEY,
            opsgenie::OPSGENIE_URL,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| configured(section, Flavour::Opsgenie, base),
};

/// The line of Jira Service Management in the registry.
pub(super) const JSM_KIND: ConnectionKind<dyn Channel> = ConnectionKind {
    description: KindDescription {
        family: Family::Channel,
        kind: "jsm",
        summary: "a note on the alert of Jira Service Management that the run has opened",
        metrics: &[],
        contract: READ,
        keys: JSM_KEYS,
    },
    configure: |section, base| configured(section, Flavour::Jira, base),
};

const JSM_KEYS: &[Key] = &[
    super::TEAM,
    opsgenie::API_KEY,
    opsgenie::JSM_URL,
    config_keys::CA,
    config_keys::CLIENT_CERTIFICATE,
    config_keys::CLIENT_KEY,
    config_keys::TIMEOUT,
];

fn configured(
    section: ValueDeserializer<'_>,
    flavour: Flavour,
    base: &std::path::Path,
) -> Result<Arc<dyn Channel>, Error> {
    let config = OpsgenieChannelConfig::deserialize(section)?;
    let alerts = OpsgenieAlerts::new(config.access, flavour, base);
    Ok(Arc::new(ForPeople(OpsgenieChannel { alerts, team: config.team })))
}

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct OpsgenieChannelConfig {
    team: String,
    #[serde(flatten)]
    access: OpsgenieAccess,
}

/// Posts notes.
#[derive(Debug)]
struct OpsgenieChannel {
    alerts: OpsgenieAlerts,
    team: String,
}

impl Channel for OpsgenieChannel {
    fn post(&self, record: &RecordEffect, outlet: &Outlet) -> Result<Delivery, Reason> {
        let alias = page_of(record, &self.team)?;
        let noted = self.alerts.note(&wording::record_text(record, opsgenie::NOTE), alias, &outlet.secrets);
        noted.map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn test(&self) -> Result<String, Reason> {
        self.alerts.test()
    }
}
