//! The channel `matrix`: a thread in a room for each run, whose first message shows how the run stands.

use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
use rbl_runtime::teams::TeamRules;
use rbl_runtime::{AskedQuestion, Conclude, Delivery, RecordEffect, Secrets};
use rbl_syntax::value::Reason;
use serde::Deserialize;
use serde::de::Error as _;
use toml::de::Error;

use super::{AnswerResult, Channel, ChatAnswer, ChatAnswers};
use crate::config_keys;
use crate::delivery::Redelivery;
use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;
use crate::service::for_people::ForPeople;
use crate::service::matrix::{self, MatrixConfig, MatrixRoom};
use crate::service::thread::ThreadMessage;

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Channel> = ConnectionKind {
    description: KindDescription {
        family: Family::Channel,
        kind: "matrix",
        summary: "a thread in a Matrix room for each run, whose first message shows how the run stands",
        metrics: &[],
        contract: Contract::Real("Synapse 1.163"),
        keys: &[
            matrix::URL,
            matrix::TOKEN,
            matrix::ROOM,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| {
        let config = MatrixConfig::deserialize(section)?;
        Ok(Arc::new(ForPeople(MatrixChannel(MatrixRoom::new(config, base).map_err(Error::custom)?))))
    },
};

/// Posts to a room.
#[derive(Debug)]
struct MatrixChannel(MatrixRoom);

impl Channel for MatrixChannel {
    fn post(&self, record: &RecordEffect, outlet: &Outlet) -> Result<Delivery, Reason> {
        let posted = self.0.post(&ThreadMessage::of(record), outlet);
        posted.map_err(|reason| outlet.secrets.redact_reason(&reason))
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
        true
    }

    fn listen(&self, place: Option<&str>, teams: &TeamRules) -> Result<ChatAnswers, Reason> {
        let secrets = Secrets::of_connection();
        let heard = self.0.listen(place, teams, &secrets);
        heard.map_err(|reason| secrets.redact_reason(&reason))
    }

    fn reply(&self, heard: &ChatAnswer, said: &AnswerResult) -> Result<(), Reason> {
        let secrets = Secrets::of_connection();
        self.0
            .reply(&heard.message, &said.to_string(), &secrets)
            .map_err(|reason| secrets.redact_reason(&reason))
    }

    fn conclude(&self, it: &Conclude, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0.conclude(it, outlet).map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn redelivery(&self) -> Redelivery {
        Redelivery::Once
    }

    fn test(&self) -> Result<String, Reason> {
        self.0.test()
    }
}
