//! The channel `email`: a mail for each record.

use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
use rbl_runtime::{Delivery, RecordEffect};
use rbl_syntax::value::Reason;
use serde::Deserialize;
use serde::de::Error as _;
use toml::de::Error;

use super::Channel;
use crate::config_keys;
use crate::delivery::Redelivery;
use crate::delivery::run_of;
use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;
use crate::service::email::{self, Email, EmailConfig, Letter};
use crate::service::for_people::ForPeople;
use crate::service::wording;

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Channel> = ConnectionKind {
    description: KindDescription {
        family: Family::Channel,
        kind: "email",
        summary: "a mail for each record, in one thread for each run",
        metrics: &[],
        contract: Contract::Real("aiosmtpd 1.4"),
        keys: &[
            email::SERVER,
            email::FROM,
            email::TO,
            email::TLS,
            config_keys::USERNAME,
            config_keys::PASSWORD,
            config_keys::CA,
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| {
        let config = EmailConfig::deserialize(section)?;
        Ok(Arc::new(ForPeople(EmailChannel(Email::new(config, base).map_err(Error::custom)?))))
    },
};

/// Posts by mail.
#[derive(Debug)]
struct EmailChannel(Email);

impl Channel for EmailChannel {
    fn post(&self, record: &RecordEffect, outlet: &Outlet) -> Result<Delivery, Reason> {
        let first = record.text.lines().next().unwrap_or_default();
        let letter = Letter {
            subject: format!("{}: {}", record.runbook, wording::line(first, 150)),
            text: format!(
                "{}\n\nRun {}\n",
                wording::record_body(record, email::LONGEST),
                run_of(&record.key)
            ),
            key: &record.key,
            run: run_of(&record.key),
        };
        self.0.send(&letter, &outlet.secrets).map_err(|reason| outlet.secrets.redact_reason(&reason))
    }

    fn redelivery(&self) -> Redelivery {
        Redelivery::ByKey
    }

    fn test(&self) -> Result<String, Reason> {
        self.0.test()
    }
}
