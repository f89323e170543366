//! The provider `tls`: the certificate that a server shows. QUERY is `HOST[:PORT] [NAME]`.
//!
//! A number is the days until the first certificate of the chain ends. A text is the verdict: `valid`, `expired`, `not yet valid`, `wrong name`,
//! `not trusted` or `not accepted`. Lines are the chain. The days of a certificate that nobody vouches for, or that is another host's, say nothing, so
//! they are unknown; those of one that has expired are negative.

use std::io;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_check::{Contract, Family, Key, KeyKind, KindDescription};
use rbl_project::setting::Seconds;
use rbl_runtime::{RawSample, RawText, Read, Reading, Secrets};
use rbl_syntax::one_line;
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Labels, Quantity, Reason, ReasonKind, Time};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme,
};
use serde::Deserialize;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::starttls::{NoStartTls, PROTOCOLS, StartTls};
use super::words::{host_and_port, shown, words};
use super::{Provider, only_now, without_secrets};
use crate::config_keys;
use crate::http::{TlsFiles, tls};
use crate::registry::ConnectionKind;
use crate::socket::{self, NoConnection};

/// Its entry in the registry.
pub(super) const KIND: ConnectionKind<dyn Provider> = ConnectionKind {
    description: KindDescription {
        family: Family::Provider,
        kind: "tls",
        summary: "the certificate of HOST[:PORT] [NAME]: days left, verdict, chain",
        metrics: &[MetricType::Number, MetricType::Text, MetricType::Lines],
        contract: Contract::Real("OpenSSL 3.0 s_server"),
        keys: &[
            Key::optional(
                "starttls",
                KeyKind::OneOf(PROTOCOLS),
                "encrypted from the first byte",
                "the protocol in whose words the server is asked for encryption first",
            ),
            config_keys::CA,
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| {
        let TlsConfig { starttls, ca, timeout } = TlsConfig::deserialize(section)?;
        Ok(Arc::new(Tls { starttls, trusted: TlsFiles::trusting(ca), timeout, base: base.into() }))
    },
};

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct TlsConfig {
    starttls: Option<StartTls>,
    ca: Option<String>,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
}

#[derive(Debug)]
struct Tls {
    starttls: Option<StartTls>,
    trusted: TlsFiles,
    timeout: Seconds,
    base: Box<Path>,
}

/// What a server showed.
struct CertificateChain {
    /// As they came: the server's own first.
    raw: Vec<CertificateDer<'static>>,
    certificates: Vec<Certificate>,
    name: ServerName<'static>,
}

impl CertificateChain {
    fn read(raw: Vec<CertificateDer<'static>>, name: ServerName<'static>) -> Result<Self, Reason> {
        let certificates: Result<Vec<Certificate>, _> =
            raw.iter().map(|one| Certificate::from_der(one)).collect();
        let certificates = certificates.map_err(|_| {
            Reason::new(ReasonKind::BadAnswer, format!("the certificate of {} cannot be read", name.to_str()))
        })?;
        Ok(Self { raw, certificates, name })
    }

    /// When the first of those that count ends, in seconds since 1970. The root that a server may add counts for nobody.
    fn ends(&self) -> f64 {
        let of = |one: &Certificate| one.tbs_certificate.validity.not_after.to_unix_duration().as_secs_f64();
        let counts = |(at, one): &(usize, &Certificate)| {
            *at == 0 || one.tbs_certificate.subject != one.tbs_certificate.issuer
        };
        self.certificates
            .iter()
            .enumerate()
            .filter(counts)
            .map(|(_, one)| of(one))
            .fold(f64::INFINITY, f64::min)
    }

    /// When the last of them begins.
    fn begins(&self) -> f64 {
        let of = |one: &Certificate| one.tbs_certificate.validity.not_before.to_unix_duration().as_secs_f64();
        self.certificates.iter().map(of).fold(0.0, f64::max)
    }

    /// What a browser would say at this time.
    fn verdict(&self, verifier: &WebPkiServerVerifier, at: f64) -> Result<(), CertificateError> {
        let Some((first, others)) = self.raw.split_first() else { return Err(CertificateError::BadEncoding) };
        let at = UnixTime::since_unix_epoch(Duration::try_from_secs_f64(at.max(0.0)).unwrap_or_default());
        match verifier.verify_server_cert(first, others, &self.name, &[], at) {
            Ok(_) => Ok(()),
            Err(Error::InvalidCertificate(why)) => Err(why),
            Err(_) => Err(CertificateError::BadEncoding),
        }
    }

    fn lines(&self) -> Vec<String> {
        let line = |one: &Certificate| {
            let one = &one.tbs_certificate;
            let end = Time::from_unix(one.validity.not_after.to_unix_duration().as_secs_f64());
            let end = end.map(|end| end.to_string()).unwrap_or_default();
            one_line(&format!("{}, issued by {}, until {end}", one.subject, one.issuer))
        };
        self.certificates.iter().map(line).collect()
    }
}

fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}

/// The verdict, as a runbook compares it.
fn word(why: &CertificateError) -> &'static str {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "not yet valid",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => "wrong name",
        other if tls::is_untrusted(other) => "not trusted",
        _ => "not accepted",
    }
}

impl Tls {
    /// Connects, and listens to what the server shows: whether it is accepted is decided afterwards.
    fn chain(&self, host: &str, port: u16, name: ServerName<'static>) -> Result<CertificateChain, Reason> {
        let server = shown(host, port);
        let until = Instant::now() + self.timeout.duration();
        let unreachable = |text: String| Reason::new(ReasonKind::Unreachable, text);
        let timed_out = || {
            let within = Quantity::seconds(self.timeout.0);
            Reason::new(ReasonKind::TimedOut, format!("no answer from {server} within {within}"))
        };
        let connected = socket::addresses(host, port, until).and_then(|found| socket::connect(&found, until));
        let stream = match connected {
            Ok((stream, _)) => stream,
            Err(NoConnection::TimedOut) => return Err(timed_out()),
            Err(NoConnection::Refused(error)) => {
                return Err(unreachable(socket::no_connection(&error, &server)));
            }
        };
        let insecure = |why: &str| unreachable(format!("no secure connection to {server}: {why}"));
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| insecure(&tls::cause(&error)))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Listener(provider)))
            .with_no_client_auth();
        let mut connection = ClientConnection::new(Arc::new(config), name.clone())
            .map_err(|error| insecure(&tls::cause(&error)))?;
        let mut stream = TimedStream { stream, until };
        match self.starttls.map(|protocol| protocol.ask(&mut stream)) {
            None | Some(Ok(())) => {}
            Some(Err(NoStartTls::Refused(said))) => {
                let text = format!("{server} does not begin to encrypt: {said}");
                return Err(Reason::new(ReasonKind::ProviderError, text));
            }
            Some(Err(NoStartTls::Broken(error))) if is_late(&error) => return Err(timed_out()),
            Some(Err(NoStartTls::Broken(_))) => {
                return Err(unreachable(format!(
                    "{server} closed the connection before it began to encrypt"
                )));
            }
        }
        let mut ended = Ok(());
        while connection.is_handshaking() && ended.is_ok() {
            ended = connection.complete_io(&mut stream).map(|_| ());
        }
        // A server that asks for our own certificate shows its own before it refuses us.
        if let Some(shown) = connection.peer_certificates().filter(|shown| !shown.is_empty()) {
            return CertificateChain::read(shown.iter().map(|one| one.clone().into_owned()).collect(), name);
        }
        match ended {
            Err(error) if is_late(&error) => Err(timed_out()),
            Err(error) => match tls::inside(&error) {
                Some(why) => Err(insecure(&tls::cause(why))),
                None => Err(unreachable(format!("{server} closed the connection without an answer"))),
            },
            Ok(()) => Err(insecure("it shows no certificate")),
        }
    }

    fn reading(&self, read: &Read, now: Time, secrets: &Secrets) -> Result<Reading, Reason> {
        only_now(read)?;
        let words = words(&read.query, secrets, &self.base)?;
        let (target, name) = match words.as_slice() {
            [target] => (target, None),
            [target, name] => (target, Some(name)),
            _ => return Err(Reason::new(ReasonKind::NotRun, "the query is not `HOST[:PORT] [NAME]`")),
        };
        let (host, port) = host_and_port(target, Some(self.starttls.map_or(443, StartTls::port)))?;
        let asked = name.unwrap_or(&host).clone();
        let name = ServerName::try_from(asked.clone()).map_err(|_| {
            Reason::new(ReasonKind::NotRun, format!("`{}` is not the name of a host", one_line(&asked)))
        })?;
        let chain = self.chain(&host, port, name)?;
        let mut reading = Reading::default();
        if read.of == MetricType::Lines {
            reading.lines = Some(chain.lines());
            return Ok(reading);
        }
        let roots = Arc::new(self.trusted.roots(&self.base)?);
        let provider = Arc::new(ring::default_provider());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(roots, provider).build().map_err(|_| {
                Reason::new(ReasonKind::NotRun, "this machine trusts no certificates: name a file with `ca`")
            })?;
        let verdict = chain.verdict(&verifier, now.unix());
        if read.of == MetricType::Text {
            let text = verdict.as_ref().map_or_else(word, |()| "valid").to_owned();
            reading.texts.push(RawText { labels: Labels::new(), text });
            return Ok(reading);
        }
        let left = chain.ends() - now.unix();
        // Whose certificate it is has to be right also where its time is over: it was, just before.
        let apart_from_its_time = match &verdict {
            Err(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
                chain.verdict(&verifier, (chain.ends() - 1.0).max(chain.begins()))
            }
            other => other.clone(),
        };
        if let Err(why) = apart_from_its_time {
            let text = format!("{}: {}", shown(&host, port), tls::cause(&Error::InvalidCertificate(why)));
            return Err(Reason::new(ReasonKind::ProviderError, text));
        }
        reading.samples.push(RawSample::new(Labels::new(), left / 86400.0, Some(now)));
        Ok(reading)
    }
}

/// Accepts every certificate, because it is only looked at: nothing is ever sent over such a connection.
#[derive(Debug)]
struct Listener(Arc<CryptoProvider>);

impl ServerCertVerifier for Listener {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    // That the server has the key of what it shows is looked at here already.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// A connection that is used until a time, however often it is read from.
struct TimedStream {
    stream: TcpStream,
    until: Instant,
}

impl TimedStream {
    fn left(&self) -> io::Result<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

impl io::Read for TimedStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        self.stream.read(buffer)
    }
}

impl io::Write for TimedStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Provider for Tls {
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason> {
        let secrets = Secrets::of_connection();
        without_secrets(self.reading(read, now, &secrets), &secrets)
    }

    fn time_out(&self) -> Option<Duration> {
        Some(self.timeout.duration())
    }

    /// There is no server of its own to ask: what it trusts is read.
    fn test(&self) -> Result<String, Reason> {
        let roots = self.trusted.roots(&self.base)?.len();
        Ok(format!("{roots} certificates are trusted: a metric names the host"))
    }
}
