//! The team `msteams`: paged by a card in Microsoft Teams.

use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
use rbl_runtime::{Delivery, Page};
use rbl_syntax::value::Reason;
use serde::Deserialize;

use super::Pager;
use crate::config_keys;
use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;
use crate::service::for_people::ForPeople;
use crate::service::msteams::{self, TeamsConfig, TeamsWorkflow};

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Pager> = ConnectionKind {
    description: KindDescription {
        family: Family::Team,
        kind: "msteams",
        summary: "paged by a card in Microsoft Teams, posted by a workflow",
        metrics: &[],
        contract: Contract::OurReading("Microsoft's documentation of workflows and adaptive cards"),
        keys: team_keys![
            msteams::WEBHOOK,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| {
        Ok(Arc::new(ForPeople(MsTeamsTeam(TeamsWorkflow::new(TeamsConfig::deserialize(section)?, base)))))
    },
};

/// Pages by a card.
#[derive(Debug)]
struct MsTeamsTeam(TeamsWorkflow);

impl Pager for MsTeamsTeam {
    fn page(&self, page: &Page, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0.page(page, outlet).map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn test(&self) -> Result<String, Reason> {
        self.0.test()
    }
}
