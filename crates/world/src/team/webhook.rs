//! The team `webhook`: paged by a POST of JSON to an address.

use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
use rbl_runtime::{Delivery, Page};
use rbl_syntax::value::Reason;
use serde::Deserialize;
use serde::de::Error as _;
use toml::de::Error;

use super::{ASKS, AT_MOST, FALLBACK, MEMBERS, Pager, QUORUM, SELF_APPROVAL, THEN};
use crate::delivery::Redelivery;
use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;
use crate::webhook::{self, Webhook, WebhookConfig};
use crate::{config_keys, delivery};

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Pager> = ConnectionKind {
    description: KindDescription {
        family: Family::Team,
        kind: "webhook",
        summary: "paged by a POST of JSON to an address",
        metrics: &[],
        contract: Contract::Own,
        keys: &[
            webhook::URL,
            MEMBERS,
            QUORUM,
            SELF_APPROVAL,
            ASKS,
            THEN,
            FALLBACK,
            AT_MOST,
            webhook::BODY,
            webhook::LONGEST,
            webhook::HEADERS,
            config_keys::BEARER_TOKEN,
            config_keys::USERNAME,
            config_keys::PASSWORD,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            webhook::SECRET,
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| {
        let webhook = Webhook::new(WebhookConfig::deserialize(section)?, delivery::PAGE_FIELDS, base);
        Ok(Arc::new(WebhookTeam(webhook.map_err(Error::custom)?)))
    },
};

/// Delivers by a webhook.
#[derive(Debug)]
struct WebhookTeam(Webhook);

impl Pager for WebhookTeam {
    fn page(&self, page: &Page, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0
            .send("page", self.0.page_fields(page), &page.key, &outlet.secrets)
            .map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn redelivery(&self) -> Redelivery {
        Redelivery::ByKey
    }

    fn test(&self) -> Result<String, Reason> {
        self.0.test()
    }
}
