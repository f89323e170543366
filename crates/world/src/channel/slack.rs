//! The channel `slack`: a thread for each run, whose first message shows how the run stands.

use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
use rbl_runtime::{Conclude, Delivery, RecordEffect};
use rbl_syntax::value::Reason;
use serde::Deserialize;
use serde::de::Error as _;
use toml::de::Error;

use super::Channel;
use crate::config_keys;
use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;
use crate::service::slack::{self, Slack, SlackConfig};
use crate::service::thread::ThreadMessage;

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Channel> = ConnectionKind {
    description: KindDescription {
        family: Family::Channel,
        kind: "slack",
        summary: "a thread in Slack for each run, whose first message shows how the run stands",
        metrics: &[],
        contract: Contract::ReferenceClient("what slack-sdk and Alertmanager 0.25 send to Slack"),
        keys: &[
            slack::TOKEN,
            slack::CHANNEL,
            slack::WEBHOOK,
            slack::API,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| {
        let config = SlackConfig::deserialize(section)?;
        Ok(Arc::new(SlackChannel(Slack::new(config, base).map_err(Error::custom)?)))
    },
};

/// Posts to Slack.
#[derive(Debug)]
struct SlackChannel(Slack);

impl Channel for SlackChannel {
    fn post(&self, record: &RecordEffect, outlet: &Outlet) -> Result<Delivery, Reason> {
        let message = ThreadMessage::of(record);
        self.0.post_text(&message, outlet).map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn conclude(&self, it: &Conclude, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0.conclude(it, outlet).map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn test(&self) -> Result<String, Reason> {
        self.0.test()
    }
}
