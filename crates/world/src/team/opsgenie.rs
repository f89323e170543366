//! The teams `jsm` and `opsgenie`: paged by an alert, which is closed when the run is resolved.

use std::sync::Arc;

use rbl_check::{Contract, Family, Key, KindDescription};
use rbl_runtime::{AnswerAuthor, Conclude, Delivery, Page};
use rbl_syntax::value::Reason;
use serde::Deserialize;
use serde::de::Error as _;
use toml::de::Error;

use super::Pager;
use crate::config_keys;
use crate::delivery::Redelivery;
use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;
use crate::service::for_people::ForPeople;
use crate::service::opsgenie::{self, Flavour, Opsgenie, OpsgenieTeamConfig};

const REFERENCE: Contract = Contract::ReferenceClient("what Alertmanager 0.25 sends to Opsgenie");

/// The line of Opsgenie in the registry.
pub(super) const KIND: ConnectionKind<dyn Pager> = ConnectionKind {
    description: KindDescription {
        family: Family::Team,
        kind: "opsgenie",
        summary: "paged by an alert of Opsgenie, which is closed when the run is resolved",
        metrics: &[],
        contract: REFERENCE,
        keys: OPSGENIE_KEYS,
    },
    configure: |section, base| configured(OpsgenieTeamConfig::deserialize(section)?, Flavour::Opsgenie, base),
};

/// The line of Jira Service Management in the registry.
pub(super) const JSM_KIND: ConnectionKind<dyn Pager> = ConnectionKind {
    description: KindDescription {
        family: Family::Team,
        kind: "jsm",
        summary: "paged by an alert of Jira Service Management, which is closed when the run is resolved",
        metrics: &[],
        contract: REFERENCE,
        keys: JSM_KEYS,
    },
    configure: |section, base| configured(OpsgenieTeamConfig::deserialize(section)?, Flavour::Jira, base),
};

const OPSGENIE_KEYS: &[Key] = team_keys![
    opsgenie::API_KEY,
    opsgenie::OPSGENIE_URL,
    opsgenie::RESPONDERS,
    opsgenie::TAGS,
    opsgenie::PRIORITY,
    config_keys::CA,
    config_keys::CLIENT_CERTIFICATE,
    config_keys::CLIENT_KEY,
    config_keys::TIMEOUT,
];

const JSM_KEYS: &[Key] = team_keys![
    opsgenie::API_KEY,
    opsgenie::JSM_URL,
    opsgenie::RESPONDERS,
    opsgenie::TAGS,
    opsgenie::PRIORITY,
    config_keys::CA,
    config_keys::CLIENT_CERTIFICATE,
    config_keys::CLIENT_KEY,
    config_keys::TIMEOUT,
];

fn configured(
    config: OpsgenieTeamConfig,
    flavour: Flavour,
    base: &std::path::Path,
) -> Result<Arc<dyn Pager>, Error> {
    Ok(Arc::new(ForPeople(OpsgenieTeam(Opsgenie::new(config, flavour, base).map_err(Error::custom)?))))
}

/// Pages by an alert.
#[derive(Debug)]
struct OpsgenieTeam(Opsgenie);

impl Pager for OpsgenieTeam {
    fn page(&self, page: &Page, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0.create(page, outlet).map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn acknowledged(&self, id: &str, outlet: &Outlet) -> Result<Option<AnswerAuthor>, Reason> {
        self.0.acknowledged(id, outlet).map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn conclude(&self, it: &Conclude, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0.close(it, &outlet.secrets).map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn redelivery(&self) -> Redelivery {
        Redelivery::Once
    }

    fn test(&self) -> Result<String, Reason> {
        self.0.test()
    }
}
