//! The team `alertmanager`: paged by an alert, on the routes that page already.

use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
use rbl_runtime::{AnswerAuthor, Conclude, Delivery, Page};
use rbl_syntax::value::Reason;
use serde::Deserialize;

use super::Pager;
use crate::delivery::Redelivery;
use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;
use crate::service::alertmanager::{self, AlertmanagerPages, AlertmanagerTeamConfig};
use crate::service::for_people::ForPeople;
use crate::{config_keys, webhook};

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Pager> = ConnectionKind {
    description: KindDescription {
        family: Family::Team,
        kind: "alertmanager",
        summary: "paged by an alert that is posted to an Alertmanager: its routes page",
        metrics: &[],
        contract: Contract::Real("Alertmanager 0.25"),
        keys: team_keys![
            alertmanager::URL,
            alertmanager::LABELS,
            alertmanager::LASTS,
            webhook::HEADERS,
            config_keys::BEARER_TOKEN,
            config_keys::USERNAME,
            config_keys::PASSWORD,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| {
        let config = AlertmanagerTeamConfig::deserialize(section)?;
        Ok(Arc::new(ForPeople(AlertmanagerTeam(AlertmanagerPages::new(config, base)))))
    },
};

/// Pages by an alert.
#[derive(Debug)]
struct AlertmanagerTeam(AlertmanagerPages);

impl Pager for AlertmanagerTeam {
    fn page(&self, page: &Page, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0.fire(page, outlet).map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn acknowledged(&self, id: &str, outlet: &Outlet) -> Result<Option<AnswerAuthor>, Reason> {
        self.0.acknowledged(id, outlet).map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn conclude(&self, it: &Conclude, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0.end(it, &outlet.secrets).map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn redelivery(&self) -> Redelivery {
        Redelivery::Once
    }

    fn test(&self) -> Result<String, Reason> {
        self.0.test()
    }
}
