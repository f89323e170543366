//! The team `exec`: a plug-in program that pages it.

use std::path::Path;
use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
use rbl_project::setting::Seconds;
use rbl_runtime::{Delivery, Page};
use rbl_syntax::value::Reason;
use serde::Deserialize;

use super::{ASKS, AT_MOST, FALLBACK, MEMBERS, Pager, QUORUM, SELF_APPROVAL, THEN};
use crate::delivery::Redelivery;
use crate::delivery_context::Outlet;
use crate::plugin::{self, Plugin};
use crate::process::GRACE;
use crate::registry::ConnectionKind;
use crate::{config_keys, delivery};

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Pager> = ConnectionKind {
    description: KindDescription {
        family: Family::Team,
        kind: "exec",
        summary: "a program of your own pages it, one JSON object in and one out",
        metrics: &[],
        contract: Contract::Own,
        keys: &[
            plugin::COMMAND,
            MEMBERS,
            QUORUM,
            SELF_APPROVAL,
            ASKS,
            THEN,
            FALLBACK,
            AT_MOST,
            config_keys::TIMEOUT,
            plugin::ENVIRONMENT,
            config_keys::OUTPUT,
        ],
    },
    configure: |section, base| Ok(Arc::new(ExecTeam::new(ExecTeamConfig::deserialize(section)?, base))),
};

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct ExecTeamConfig {
    #[serde(flatten)]
    plugin: plugin::PluginConfig,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
}

/// Pages by a program.
#[derive(Debug)]
struct ExecTeam(Plugin);

impl ExecTeam {
    fn new(config: ExecTeamConfig, base: &Path) -> Self {
        Self(Plugin::new(config.plugin, Some(config.timeout), GRACE, base))
    }
}

impl Pager for ExecTeam {
    fn page(&self, page: &Page, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0
            .ask("page", delivery::of_page(page), &outlet.secrets)
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
