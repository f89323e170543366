//! The provider `dns`: the records of a name. QUERY is `NAME [TYPE]`, of type A without one.
//!
//! A number is how many records there are, lines are the records, a text is the only one. That there is no such name (`NXDOMAIN`), or no record of
//! the type, is an answer: zero. A server that fails, refuses or says nothing gives none.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use rbl_check::{Contract, Family, Key, KeyKind, KindDescription};
use rbl_project::setting::Seconds;
use rbl_runtime::{RawSample, RawText, Read, Reading, Secrets};
use rbl_syntax::one_line;
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Labels, Quantity, Reason, ReasonKind, Time};
use serde::Deserialize;
use serde::de::Error as _;
use toml::de::Error;

use super::words::words;
use super::{Provider, only_now, without_secrets};
use crate::config_keys;
use crate::registry::ConnectionKind;

/// Its entry in the registry.
pub(super) const KIND: ConnectionKind<dyn Provider> = ConnectionKind {
    description: KindDescription {
        family: Family::Provider,
        kind: "dns",
        summary: "the records of a name: QUERY is NAME [TYPE], their number, text or lines",
        metrics: &[MetricType::Number, MetricType::Text, MetricType::Lines],
        contract: Contract::Real("dnsmasq 2.90"),
        keys: &[
            Key::optional(
                "server",
                KeyKind::Plain,
                "those of the machine",
                "the address of the server that is asked, like \"10.0.0.2\" or \"127.0.0.1:5353\"",
            ),
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| {
        let DnsConfig { server, timeout } = DnsConfig::deserialize(section)?;
        let server = server.map(|server| {
            address(&server)
                .ok_or_else(|| Error::custom(format!("`server` is not an address: `{}`", one_line(&server))))
        });
        Ok(Arc::new(Dns { server: server.transpose()?, timeout, base: base.into() }))
    },
};

/// The types of record that are read.
const TYPES: &[(&str, RecordType)] = &[
    ("A", RecordType::A),
    ("AAAA", RecordType::AAAA),
    ("CNAME", RecordType::CNAME),
    ("TXT", RecordType::TXT),
    ("MX", RecordType::MX),
    ("NS", RecordType::NS),
    ("SRV", RecordType::SRV),
];

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct DnsConfig {
    server: Option<String>,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
}

#[derive(Debug)]
struct Dns {
    server: Option<SocketAddr>,
    timeout: Seconds,
    base: Box<Path>,
}

/// An address with a port, or at the usual one.
fn address(text: &str) -> Option<SocketAddr> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, 53)))
}

/// What a server answered.
enum Found {
    Records(Vec<String>),
    /// The name itself is not there.
    NoName,
}

impl Dns {
    fn resolver(&self) -> Result<TokioResolver, Reason> {
        let trouble = |error: NetError| {
            let text =
                format!("the servers of this machine cannot be read: {}", one_line(&error.to_string()));
            Reason::new(ReasonKind::Unreachable, text)
        };
        let provider = TokioRuntimeProvider::default();
        let mut builder = match self.server {
            None => TokioResolver::builder(provider).map_err(trouble)?,
            Some(server) => {
                let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
                for connection in &mut connections {
                    connection.port = server.port();
                }
                let server = NameServerConfig::new(server.ip(), true, connections);
                let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
                TokioResolver::builder_with_config(config, provider)
            }
        };
        let options = builder.options_mut();
        // What a server says now is asked for, not what a file says or a server said.
        options.use_hosts_file = ResolveHosts::Never;
        options.cache_size = 0;
        options.attempts = 1;
        options.timeout = self.timeout.duration() / 2;
        builder.build().map_err(trouble)
    }

    fn ask(&self, name: &str, of: RecordType) -> Result<Found, Reason> {
        let wrong = || Reason::new(ReasonKind::NotRun, format!("`{}` is no name", one_line(name)));
        let mut asked = Name::from_utf8(name).map_err(|_| wrong())?;
        // The name as it is: nothing is put behind it.
        asked.set_fqdn(true);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
        let runtime =
            runtime.map_err(|error| Reason::new(ReasonKind::NotRun, one_line(&error.to_string())))?;
        let answer = runtime.block_on(async {
            let resolver = self.resolver()?;
            let limit = self.timeout.duration();
            Ok::<_, Reason>(tokio::time::timeout(limit, resolver.lookup(asked, of)).await)
        });
        runtime.shutdown_background();
        let Ok(answer) = answer? else { return Err(self.timed_out()) };
        match answer {
            Ok(found) => {
                let records = found.answers().iter().filter(|record| record.record_type() == of);
                let mut records: Vec<String> = records.map(|record| shown(&record.data)).collect();
                records.sort();
                Ok(Found::Records(records))
            }
            Err(error) => self.without_records(&error),
        }
    }

    fn without_records(&self, error: &NetError) -> Result<Found, Reason> {
        let server = self.server();
        let failed = |code: ResponseCode| {
            let text = format!("{server} answered {}", code_in_words(code));
            Err(Reason::new(ReasonKind::ProviderError, text))
        };
        match error {
            NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
                ResponseCode::NoError => Ok(Found::Records(Vec::new())),
                ResponseCode::NXDomain => Ok(Found::NoName),
                code => failed(code),
            },
            NetError::Dns(DnsError::ResponseCode(code)) => failed(*code),
            NetError::Timeout => Err(self.timed_out()),
            NetError::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                Err(Reason::new(ReasonKind::Unreachable, format!("connection refused by {server}")))
            }
            other => {
                let text = format!("{server}: {}", one_line(&other.to_string()));
                Err(Reason::new(ReasonKind::Unreachable, text))
            }
        }
    }

    fn timed_out(&self) -> Reason {
        let within = Quantity::seconds(self.timeout.0);
        Reason::new(ReasonKind::TimedOut, format!("no answer from {} within {within}", self.server()))
    }

    fn server(&self) -> String {
        self.server.map_or_else(|| "the servers of this machine".to_owned(), |server| server.to_string())
    }

    fn reading(&self, read: &Read, now: Time, secrets: &Secrets) -> Result<Reading, Reason> {
        only_now(read)?;
        let refused = |text: String| Reason::new(ReasonKind::NotRun, text);
        let words = words(&read.query, secrets, &self.base)?;
        let (name, of) = match words.as_slice() {
            [name] => (name, "A"),
            [name, of] => (name, of.as_str()),
            _ => return Err(refused("the query is not `NAME [TYPE]`".into())),
        };
        let Some((_, of)) = TYPES.iter().find(|(known, _)| known.eq_ignore_ascii_case(of)) else {
            let known: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
            let text = format!("there is no type `{}` here: there are {}", one_line(of), known.join(", "));
            return Err(refused(text));
        };
        let mut reading = Reading::default();
        let records = match self.ask(name, *of)? {
            Found::Records(records) => records,
            Found::NoName if read.of == MetricType::Text => {
                let text = format!("there is no name {} (NXDOMAIN)", one_line(name));
                return Err(Reason::new(ReasonKind::NoData, text));
            }
            Found::NoName => {
                reading.warnings.push(format!("there is no name {} (NXDOMAIN)", one_line(name)));
                Vec::new()
            }
        };
        match read.of {
            MetricType::Lines => reading.lines = Some(records),
            MetricType::Text => {
                reading.texts =
                    records.into_iter().map(|text| RawText { labels: Labels::new(), text }).collect();
            }
            MetricType::Number | MetricType::Unknown => {
                #[allow(clippy::cast_precision_loss)] // an answer has some thousand records at most
                let count = records.len() as f64;
                reading.samples.push(RawSample::new(Labels::new(), count, Some(now)));
            }
        }
        Ok(reading)
    }
}

/// A record as it is written: names without the dot at their end, a text without quotes.
fn shown(data: &RData) -> String {
    let plain = |name: &Name| name.to_utf8().trim_end_matches('.').to_owned();
    match data {
        RData::CNAME(name) => plain(&name.0),
        RData::NS(name) => plain(&name.0),
        RData::MX(mx) => format!("{} {}", mx.preference, plain(&mx.exchange)),
        RData::SRV(srv) => {
            format!("{} {} {} {}", srv.priority, srv.weight, srv.port, plain(&srv.target))
        }
        RData::TXT(text) => {
            let parts: Vec<String> =
                text.txt_data.iter().map(|part| String::from_utf8_lossy(part).into_owned()).collect();
            one_line(&parts.concat())
        }
        other => other.to_string(),
    }
}

/// `SERVFAIL`, as the tools write it.
fn code_in_words(code: ResponseCode) -> String {
    match code {
        ResponseCode::ServFail => "SERVFAIL: it could not find out".into(),
        ResponseCode::Refused => "REFUSED: it does not answer us".into(),
        ResponseCode::FormErr => "FORMERR: it does not read the question".into(),
        ResponseCode::NotImp => "NOTIMP: it does not know such questions".into(),
        other => one_line(other.to_str()),
    }
}

impl Provider for Dns {
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason> {
        let secrets = Secrets::of_connection();
        without_secrets(self.reading(read, now, &secrets), &secrets)
    }

    fn time_out(&self) -> Option<Duration> {
        Some(self.timeout.duration())
    }

    /// Asks for the servers of the root, which every server knows or passes on. That it has none for us is an answer too.
    fn test(&self) -> Result<String, Reason> {
        self.ask(".", RecordType::NS)?;
        Ok(format!("{} answers", self.server()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_knows_the_types() {
        let names: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, rbl_check::DNS_TYPES);
    }

    #[test]
    fn a_server_is_an_address() {
        assert_eq!(address("10.0.0.2").unwrap().port(), 53);
        assert_eq!(address("127.0.0.1:5353").unwrap().port(), 5353);
        assert_eq!(address("[::1]:5353").unwrap().port(), 5353);
        assert!(address("dns.example.com").is_none());
    }
}
