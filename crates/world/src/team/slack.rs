//! The team `slack`: paged by a message, which mentions somebody and shows how the run ended.

use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
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
use crate::service::slack::{self, Slack, SlackConfig};

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Pager> = ConnectionKind {
    description: KindDescription {
        family: Family::Team,
        kind: "slack",
        summary: "paged by a message in Slack, which shows how the run ended",
        metrics: &[],
        contract: Contract::ReferenceClient("what slack-sdk and Alertmanager 0.25 send to Slack"),
        keys: team_keys![
            slack::TOKEN,
            slack::CHANNEL,
            slack::WEBHOOK,
            slack::MENTION,
            slack::ACKNOWLEDGED_BY,
            slack::API,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| {
        let config = SlackTeamConfig::deserialize(section)?;
        let slack = Slack::new(config.slack, base).map_err(Error::custom)?;
        let (mention, acknowledged_by) = (config.mention, config.acknowledged_by);
        Ok(Arc::new(ForPeople(SlackTeam { slack, mention, acknowledged_by })))
    },
};

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct SlackTeamConfig {
    #[serde(flatten)]
    slack: SlackConfig,
    mention: Option<String>,
    #[serde(default = "reactions")]
    acknowledged_by: Vec<String>,
}

fn reactions() -> Vec<String> {
    vec!["eyes".into(), "white_check_mark".into()]
}

/// Pages by a message.
#[derive(Debug)]
struct SlackTeam {
    slack: Slack,
    mention: Option<String>,
    acknowledged_by: Vec<String>,
}

impl Pager for SlackTeam {
    fn page(&self, page: &Page, outlet: &Outlet) -> Result<Delivery, Reason> {
        let paged = self.slack.page(page, self.mention.as_deref(), outlet);
        paged.map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn acknowledged(&self, id: &str, outlet: &Outlet) -> Result<Option<AnswerAuthor>, Reason> {
        let found = self.slack.acknowledged(id, &self.acknowledged_by, outlet);
        found.map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn conclude(&self, it: &Conclude, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.slack.conclude(it, outlet).map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn redelivery(&self) -> Redelivery {
        self.slack.redelivery()
    }

    fn test(&self) -> Result<String, Reason> {
        self.slack.test()
    }
}
