//! The team `pagerduty`: paged by an incident of PagerDuty, which is resolved when the run is.

use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
use rbl_runtime::{AnswerAuthor, Conclude, Delivery, Page};
use rbl_syntax::value::Reason;
use serde::Deserialize;

use super::Pager;
use crate::config_keys;
use crate::delivery::Redelivery;
use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;
use crate::service::for_people::ForPeople;
use crate::service::pagerduty::{self, PagerDuty, PagerDutyTeamConfig};

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Pager> = ConnectionKind {
    description: KindDescription {
        family: Family::Team,
        kind: "pagerduty",
        summary: "paged by an incident of PagerDuty, which is resolved when the run is",
        metrics: &[],
        contract: Contract::ReferenceClient("what Alertmanager 0.25 sends to PagerDuty (Events v2)"),
        keys: team_keys![
            pagerduty::ROUTING,
            pagerduty::EVENTS_URL,
            pagerduty::API_TOKEN,
            pagerduty::API_URL,
            pagerduty::SEVERITY,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| {
        Ok(Arc::new(ForPeople(PagerDutyTeam(PagerDuty::new(
            PagerDutyTeamConfig::deserialize(section)?,
            base,
        )))))
    },
};

/// Pages by PagerDuty.
#[derive(Debug)]
struct PagerDutyTeam(PagerDuty);

impl Pager for PagerDutyTeam {
    fn page(&self, page: &Page, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0.trigger(page, outlet).map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn acknowledged(&self, id: &str, outlet: &Outlet) -> Result<Option<AnswerAuthor>, Reason> {
        self.0.acknowledged(id, outlet).map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn conclude(&self, it: &Conclude, outlet: &Outlet) -> Result<Delivery, Reason> {
        let resolved = self.0.resolve(&it.ticket.id, &outlet.secrets);
        resolved.map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn redelivery(&self) -> Redelivery {
        Redelivery::Once
    }

    fn test(&self) -> Result<String, Reason> {
        self.0.test()
    }
}
