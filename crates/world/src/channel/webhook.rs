//! The channel `webhook`: posted to by a POST of JSON to an address.

use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
use rbl_runtime::{AskedQuestion, Delivery, RecordEffect};
use rbl_syntax::value::Reason;
use serde::Deserialize;
use serde::de::Error as _;
use toml::de::Error;

use super::Channel;
use crate::delivery::Redelivery;
use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;
use crate::webhook::{self, Webhook, WebhookConfig};
use crate::{config_keys, delivery};

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Channel> = ConnectionKind {
    description: KindDescription {
        family: Family::Channel,
        kind: "webhook",
        summary: "posted to by a POST of JSON to an address",
        metrics: &[],
        contract: Contract::Own,
        keys: &[
            webhook::URL,
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
        let webhook = Webhook::new(WebhookConfig::deserialize(section)?, delivery::RECORD_FIELDS, base);
        Ok(Arc::new(WebhookChannel(webhook.map_err(Error::custom)?)))
    },
};

/// Delivers by a webhook.
#[derive(Debug)]
struct WebhookChannel(Webhook);

impl Channel for WebhookChannel {
    fn post(&self, record: &RecordEffect, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0
            .send(
                "record",
                self.0.record_text(record, delivery::of_record(record)),
                &record.key,
                &outlet.secrets,
            )
            .map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn ask(
        &self,
        question: &AskedQuestion,
        record: &RecordEffect,
        outlet: &Outlet,
    ) -> Result<Delivery, Reason> {
        let fields = self.0.record_text(record, delivery::of_question(question, record, outlet));
        self.0
            .send("question", fields, &record.key, &outlet.secrets)
            .map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn redelivery(&self) -> Redelivery {
        Redelivery::ByKey
    }

    fn test(&self) -> Result<String, Reason> {
        self.0.test()
    }
}
