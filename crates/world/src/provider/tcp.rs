//! The provider `tcp`: how long a connection to `HOST:PORT` takes, in milliseconds, and whether the port is open.
//!
//! A connection that is refused is an answer, of a text: `refused`. Everything else that goes wrong leaves open how it is.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_check::{Contract, Family, KindDescription};
use rbl_project::setting::Seconds;
use rbl_runtime::{RawSample, RawText, Read, Reading, Secrets};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Labels, Quantity, Reason, ReasonKind, Time};
use serde::Deserialize;

use super::words::{host_and_port, shown, words};
use super::{Provider, not_of, only_now, without_secrets};
use crate::config_keys;
use crate::registry::ConnectionKind;
use crate::socket::{self, NoConnection};

/// Its entry in the registry.
pub(super) const KIND: ConnectionKind<dyn Provider> = ConnectionKind {
    description: KindDescription {
        family: Family::Provider,
        kind: "tcp",
        summary: "how long a connection to HOST:PORT takes, in ms, and whether it is open",
        metrics: &[MetricType::Number, MetricType::Text],
        contract: Contract::Real("the network of Linux"),
        keys: &[config_keys::TIMEOUT],
    },
    configure: |section, base| {
        Ok(Arc::new(Tcp { config: TcpConfig::deserialize(section)?, base: base.into() }))
    },
};

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct TcpConfig {
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
}

#[derive(Debug)]
struct Tcp {
    config: TcpConfig,
    base: Box<Path>,
}

/// What a connection came to.
enum Port {
    Open(Duration),
    Refused,
}

impl Tcp {
    fn look(&self, host: &str, port: u16) -> Result<Port, Reason> {
        let (timeout, server) = (self.config.timeout, shown(host, port));
        let until = Instant::now() + timeout.duration();
        let connected = socket::addresses(host, port, until).and_then(|found| socket::connect(&found, until));
        match connected {
            Ok((_, taken)) => Ok(Port::Open(taken)),
            Err(NoConnection::Refused(error)) if error.kind() == ErrorKind::ConnectionRefused => {
                Ok(Port::Refused)
            }
            Err(NoConnection::Refused(error)) => {
                Err(Reason::new(ReasonKind::Unreachable, socket::no_connection(&error, &server)))
            }
            Err(NoConnection::TimedOut) => {
                let within = Quantity::seconds(timeout.0);
                Err(Reason::new(ReasonKind::TimedOut, format!("no answer from {server} within {within}")))
            }
        }
    }

    fn reading(&self, read: &Read, now: Time, secrets: &Secrets) -> Result<Reading, Reason> {
        only_now(read)?;
        if read.of == MetricType::Lines {
            return Err(not_of(read, "numbers and texts"));
        }
        let words = words(&read.query, secrets, &self.base)?;
        let [word] = words.as_slice() else {
            return Err(Reason::new(ReasonKind::NotRun, "the query is not `HOST:PORT`"));
        };
        let (host, port) = host_and_port(word, None)?;
        let found = self.look(&host, port)?;
        let mut reading = Reading::default();
        match (read.of, found) {
            (MetricType::Text, found) => {
                let text = if matches!(found, Port::Open(_)) { "open" } else { "refused" };
                reading.texts.push(RawText { labels: Labels::new(), text: text.into() });
            }
            (_, Port::Open(taken)) => {
                reading.samples.push(RawSample::new(Labels::new(), taken.as_secs_f64() * 1000.0, Some(now)));
            }
            (_, Port::Refused) => {
                let text = format!("connection refused by {}", shown(&host, port));
                return Err(Reason::new(ReasonKind::Unreachable, text));
            }
        }
        Ok(reading)
    }
}

impl Provider for Tcp {
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason> {
        let secrets = Secrets::of_connection();
        without_secrets(self.reading(read, now, &secrets), &secrets)
    }

    fn time_out(&self) -> Option<Duration> {
        Some(self.config.timeout.duration())
    }

    /// There is no server of its own to ask.
    fn test(&self) -> Result<String, Reason> {
        Ok("connections from this machine: a metric names the host".into())
    }
}
