//! The channel `slack`: a thread for each run, whose first message shows how the run stands.

use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
use rbl_runtime::teams::TeamRules;
use rbl_runtime::{AskedQuestion, Conclude, Delivery, RecordEffect, Secrets};
use rbl_syntax::value::Reason;
use serde::Deserialize;
use serde::de::Error as _;
use toml::de::Error;

use super::{AnswerResult, Channel, ChatAnswer, ChatAnswers, InteractionRefusal, SignedInteraction};
use crate::config_keys;
use crate::delivery::Redelivery;
use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;
use crate::service::for_people::ForPeople;
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
            slack::APP_TOKEN,
            slack::SIGNING_SECRET,
            slack::SOCKETS,
            slack::API,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| {
        let config = SlackConfig::deserialize(section)?;
        Ok(Arc::new(ForPeople(SlackChannel(Slack::new(config, base).map_err(Error::custom)?))))
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

    fn ask(
        &self,
        question: &AskedQuestion,
        record: &RecordEffect,
        outlet: &Outlet,
    ) -> Result<Delivery, Reason> {
        let asked = self.0.ask(question, &ThreadMessage::of(record), outlet);
        asked.map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn hears_answers(&self) -> bool {
        self.0.hears_answers()
    }

    fn listen(&self, place: Option<&str>, teams: &TeamRules) -> Result<ChatAnswers, Reason> {
        self.0.listen(place, teams)
    }

    fn recorded(&self) {
        self.0.recorded();
    }

    fn reply(&self, heard: &ChatAnswer, said: &AnswerResult) -> Result<(), Reason> {
        let secrets = Secrets::of_connection();
        self.0.reply(heard, said, &secrets).map_err(|reason| secrets.redact_reason(&reason))
    }

    fn take_interaction(&self, request: &SignedInteraction<'_>) -> Result<(), InteractionRefusal> {
        self.0.take_interaction(request)
    }

    fn conclude(&self, it: &Conclude, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0.conclude(it, outlet).map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn redelivery(&self) -> Redelivery {
        self.0.redelivery()
    }

    fn test(&self) -> Result<String, Reason> {
        self.0.test()
    }
}
