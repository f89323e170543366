//! The channel `exec`: a plug-in program that posts to it.

use std::path::Path;
use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
use rbl_project::setting::Seconds;
use rbl_runtime::{AskedQuestion, Delivery, RecordEffect};
use rbl_syntax::value::Reason;
use serde::Deserialize;

use super::Channel;
use crate::delivery::Redelivery;
use crate::delivery_context::Outlet;
use crate::plugin::{self, Plugin};
use crate::process::GRACE;
use crate::registry::ConnectionKind;
use crate::{config_keys, delivery};

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Channel> = ConnectionKind {
    description: KindDescription {
        family: Family::Channel,
        kind: "exec",
        summary: "a program of your own posts to it, one JSON object in and one out",
        metrics: &[],
        contract: Contract::Own,
        keys: &[plugin::COMMAND, config_keys::TIMEOUT, plugin::ENVIRONMENT, config_keys::OUTPUT],
    },
    configure: |section, base| Ok(Arc::new(ExecChannel::new(ExecChannelConfig::deserialize(section)?, base))),
};

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct ExecChannelConfig {
    #[serde(flatten)]
    plugin: plugin::PluginConfig,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
}

/// Posts by a program.
#[derive(Debug)]
struct ExecChannel(Plugin);

impl ExecChannel {
    fn new(config: ExecChannelConfig, base: &Path) -> Self {
        Self(Plugin::new(config.plugin, Some(config.timeout), GRACE, base))
    }
}

impl Channel for ExecChannel {
    fn post(&self, record: &RecordEffect, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0
            .ask("record", delivery::of_record(record), &outlet.secrets)
            .and_then(|answer| delivery::answered(&answer, &self.0.name(), &outlet.secrets))
            .map_err(|failure| outlet.secrets.redact_reason(&failure.perhaps("sent")))
    }

    fn ask(
        &self,
        question: &AskedQuestion,
        record: &RecordEffect,
        outlet: &Outlet,
    ) -> Result<Delivery, Reason> {
        self.0
            .ask("question", delivery::of_question(question, record, outlet), &outlet.secrets)
            .and_then(|answer| delivery::answered(&answer, &self.0.name(), &outlet.secrets))
            .map_err(|failure| outlet.secrets.redact_reason(&failure.perhaps("sent")))
    }

    fn redelivery(&self) -> Redelivery {
        Redelivery::ByKey
    }

    fn test(&self) -> Result<String, Reason> {
        self.0.test()
    }
}
