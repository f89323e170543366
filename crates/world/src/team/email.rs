//! The team `email`: paged by a mail.

use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
use rbl_runtime::{Delivery, Page};
use rbl_syntax::value::Reason;
use serde::Deserialize;
use serde::de::Error as _;
use toml::de::Error;

use super::Pager;
use crate::config_keys;
use crate::delivery::Redelivery;
use crate::delivery::run_of;
use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;
use crate::service::email::{self, Email, EmailConfig, Letter};
use crate::service::for_people::ForPeople;
use crate::service::wording;

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Pager> = ConnectionKind {
    description: KindDescription {
        family: Family::Team,
        kind: "email",
        summary: "paged by a mail",
        metrics: &[],
        contract: Contract::Real("aiosmtpd 1.4"),
        keys: team_keys![
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
        Ok(Arc::new(ForPeople(EmailTeam(Email::new(config, base).map_err(Error::custom)?))))
    },
};

/// Pages by a mail.
#[derive(Debug)]
struct EmailTeam(Email);

impl Pager for EmailTeam {
    fn page(&self, page: &Page, outlet: &Outlet) -> Result<Delivery, Reason> {
        let severity = page.severity.as_ref().map_or_else(String::new, |severity| format!("[{severity}] "));
        let letter = Letter {
            subject: format!("{severity}{}", wording::title(page)),
            text: format!("{} was paged.\n\n{}\n", page.team, wording::page_text(page, email::LONGEST)),
            key: &page.key,
            run: run_of(&page.key),
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
