//! The channel `msteams`: a card in Microsoft Teams for each record; a question is answered by its link.

use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
use rbl_runtime::{AskedQuestion, Delivery, RecordEffect};
use rbl_syntax::value::Reason;
use serde::Deserialize;

use super::Channel;
use crate::config_keys;
use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;
use crate::service::for_people::ForPeople;
use crate::service::msteams::{self, TeamsConfig, TeamsWorkflow};

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Channel> = ConnectionKind {
    description: KindDescription {
        family: Family::Channel,
        kind: "msteams",
        summary: "a card in Microsoft Teams for each record, posted by a workflow",
        metrics: &[],
        contract: Contract::OurReading("Microsoft's documentation of workflows and adaptive cards"),
        keys: &[
            msteams::WEBHOOK,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| {
        Ok(Arc::new(ForPeople(MsTeamsChannel(TeamsWorkflow::new(TeamsConfig::deserialize(section)?, base)))))
    },
};

/// Posts cards.
#[derive(Debug)]
struct MsTeamsChannel(TeamsWorkflow);

impl Channel for MsTeamsChannel {
    fn post(&self, record: &RecordEffect, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0.record(record, None, outlet).map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn ask(
        &self,
        question: &AskedQuestion,
        record: &RecordEffect,
        outlet: &Outlet,
    ) -> Result<Delivery, Reason> {
        let posted = self.0.record(record, Some(question), outlet);
        posted.map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn test(&self) -> Result<String, Reason> {
        self.0.test()
    }
}
