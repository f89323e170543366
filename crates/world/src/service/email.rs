//! E-mail: pages and records by SMTP.
//!
//! Success is a reply of 2xx to the whole message. Before the server was asked to take the message nothing was sent; from then on,
//! without a reply, it may have been. Every mail of a run refers to the same first one, so that mail programs show a thread, and
//! its `Message-ID` is the key of the page or record.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Noop, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use rbl_check::{Key, KeyKind};
use rbl_project::files::read_regular;
use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::{Delivery, Secrets};
use rbl_syntax::one_line;
use rbl_syntax::value::{Quantity, Reason, ReasonKind};
use serde::Deserialize;

use crate::http::LARGEST_CERTIFICATES;
use crate::{config_keys, secrets, webhook};

pub(crate) const SERVER: Key =
    Key::needed("server", KeyKind::Plain, "the mail server, as `HOST` or `HOST:PORT`");
pub(crate) const TLS: Key = Key::optional(
    "tls",
    KeyKind::OneOf(&["starttls", "tls", "none"]),
    "starttls",
    "how the connection is encrypted: after it was made, from its first byte (port 465), or not at all",
);
pub(crate) const FROM: Key = Key::needed("from", KeyKind::Plain, "the sender, like `rbl <rbl@example.com>`");
pub(crate) const TO: Key = Key::needed("to", KeyKind::Words, "who gets it, a list of addresses");

/// The longest text of a mail, in characters: servers take a mail of ten megabytes, people do not.
pub(crate) const LONGEST: usize = 100_000;

/// The mechanisms of signing in.
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MailTls {
    /// After it was made.
    #[default]
    Starttls,
    /// From its first byte.
    Tls,
    /// Not at all.
    None,
}

/// Its section.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct EmailConfig {
    server: String,
    #[serde(default)]
    tls: MailTls,
    username: Option<Setting>,
    password: Option<Setting>,
    from: String,
    to: Vec<String>,
    ca: Option<String>,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
}

/// A mail server, and who gets mails.
#[derive(Debug)]
pub(crate) struct Email {
    host: String,
    port: u16,
    tls: MailTls,
    username: Option<Setting>,
    password: Option<Setting>,
    from: Mailbox,
    to: Vec<Mailbox>,
    ca: Option<String>,
    timeout: Seconds,
    base: PathBuf,
}

/// One mail.
pub(crate) struct Letter<'a> {
    /// The subject.
    pub(crate) subject: String,
    /// The text.
    pub(crate) text: String,
    /// The key of what is sent.
    pub(crate) key: &'a str,
    /// The run that it belongs to.
    pub(crate) run: &'a str,
}

/// What is sent, with everything that was read for it.
struct Sending {
    host: String,
    port: u16,
    tls: MailTls,
    parameters: Option<TlsParameters>,
    sign_in: Option<Credentials>,
    timeout: Duration,
    from: lettre::Address,
    to: Vec<lettre::Address>,
    content: Vec<u8>,
    stage: Arc<AtomicU8>,
}

/// The server has not been asked to take the message yet.
const BEFORE: u8 = 0;
/// It has.
const ASKED: u8 = 1;
/// Nobody waits any more: it must not be asked.
const GIVEN_UP: u8 = 2;

impl Email {
    /// Errors: an address or the server is not written as one; or a password would be sent without encryption.
    pub(crate) fn new(config: EmailConfig, base: &Path) -> Result<Self, String> {
        let EmailConfig { server, tls, username, password, from, to, ca, timeout } = config;
        let usual = if tls == MailTls::Tls { 465 } else { 587 };
        let (host, port) = match server.rsplit_once(':') {
            Some((host, port)) => (
                host.to_owned(),
                port.parse().map_err(|_| format!("`server` is `HOST` or `HOST:PORT`, not `{server}`"))?,
            ),
            None => (server, usual),
        };
        let mailbox =
            |text: &String| text.parse::<Mailbox>().map_err(|_| format!("`{text}` is not a mail address"));
        if tls == MailTls::None && username.is_some() {
            return Err("a password is not sent without encryption: take `tls = \"none\"` away".into());
        }
        let (from, to) = (mailbox(&from)?, to.iter().map(mailbox).collect::<Result<_, _>>()?);
        Ok(Self { host, port, tls, username, password, from, to, ca, timeout, base: base.to_owned() })
    }

    /// Sends a mail to everybody that it is configured for.
    pub(crate) fn send(&self, letter: &Letter<'_>, secrets: &Secrets) -> Result<Delivery, Reason> {
        let id = self.message_id(letter.key);
        let content = self.message(letter, &id, secrets)?;
        let stage = Arc::new(AtomicU8::new(BEFORE));
        let sending = self.sending(content, &stage, secrets)?;
        let (sender, receiver) = channel();
        let started = std::thread::Builder::new().name("mail".into()).spawn(move || {
            let _ = sender.send(sending.send());
        });
        if started.is_err() {
            return Err(Reason::new(ReasonKind::NotRun, "no thread could be started"));
        }
        let refused = match receiver.recv_timeout(self.timeout.duration()) {
            Ok(Ok(refused)) => refused,
            Ok(Err(reason)) => return Err(secrets.redact_reason(&reason)),
            Err(_) => {
                let late = self.late();
                let unsent =
                    stage.compare_exchange(BEFORE, GIVEN_UP, Ordering::SeqCst, Ordering::SeqCst).is_ok();
                return Err(if unsent { late } else { webhook::perhaps("sent", &late) });
            }
        };
        let mut by = format!("mail by {}", self.host);
        if !refused.is_empty() {
            by = format!("{by}; not to {}", refused.join(", "));
        }
        Ok(Delivery { reference: Some(id), ..Delivery::by(secrets.one_line(&by), true) })
    }

    fn late(&self) -> Reason {
        let within = Quantity::seconds(self.timeout.0);
        let text = format!("no answer from {}:{} within {within}", self.host, self.port);
        Reason::new(ReasonKind::TimedOut, text)
    }

    fn sending(&self, content: Vec<u8>, stage: &Arc<AtomicU8>, secrets: &Secrets) -> Result<Sending, Reason> {
        let parameters = match self.tls {
            MailTls::None => None,
            MailTls::Starttls | MailTls::Tls => Some(self.parameters()?),
        };
        let read = |setting: &Option<Setting>| {
            setting.as_ref().map(|it| secrets::setting(secrets, it, &self.base)).transpose()
        };
        let sign_in = read(&self.username)?
            .map(|username| {
                let password = read(&self.password)?.unwrap_or_default();
                Ok::<_, Reason>(Credentials::new(username, password))
            })
            .transpose()?;
        Ok(Sending {
            host: self.host.clone(),
            port: self.port,
            tls: self.tls,
            parameters,
            sign_in,
            timeout: self.timeout.duration(),
            from: self.from.email.clone(),
            to: self.to.iter().map(|to| to.email.clone()).collect(),
            content,
            stage: Arc::clone(stage),
        })
    }

    fn parameters(&self) -> Result<TlsParameters, Reason> {
        let refused = |text: String| Reason::new(ReasonKind::Unreadable, text);
        let mut parameters = TlsParameters::builder(self.host.clone());
        if let Some(file) = &self.ca {
            let path = self.base.join(file);
            let text = read_regular(&path, LARGEST_CERTIFICATES, "certificate")
                .map_err(|why| refused(format!("{}: {why}", path.display())))?;
            let ca = Certificate::from_pem(&text)
                .map_err(|_| refused(format!("`ca`: {} holds no certificate in PEM", path.display())))?;
            parameters = parameters.add_root_certificate(ca);
        }
        parameters.build_rustls().map_err(|error| refused(one_line(&error.to_string())))
    }

    fn message_id(&self, key: &str) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '.') { c } else { '_' };
        let key: String = key.chars().map(plain).collect();
        format!("<rbl.{key}@{}>", self.from.email.domain())
    }

    fn message(&self, letter: &Letter<'_>, id: &str, secrets: &Secrets) -> Result<Vec<u8>, Reason> {
        let first = self.message_id(letter.run);
        let mut message = Message::builder()
            .from(self.from.clone())
            .subject(secrets.one_line(&letter.subject))
            .message_id(Some(id.to_owned()))
            .in_reply_to(first.clone())
            .references(first)
            .date_now()
            .header(ContentType::TEXT_PLAIN);
        for to in &self.to {
            message = message.to(to.clone());
        }
        let mut message = message
            .body(letter.text.clone())
            .map_err(|error| Reason::new(ReasonKind::NotRun, one_line(&error.to_string())))?;
        // No automatic answer comes back to it.
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        message.headers_mut().insert_raw(HeaderValue::new(name, "auto-generated".into()));
        Ok(message.formatted())
    }

    /// Connects and signs in; nothing is sent.
    pub(crate) fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        let sending = self.sending(Vec::new(), &Arc::new(AtomicU8::new(GIVEN_UP)), &secrets)?;
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            let _ = sender.send(sending.test());
        });
        let tested = receiver.recv_timeout(self.timeout.duration()).unwrap_or_else(|_| Err(self.late()));
        tested
            .map(|()| format!("{}:{} takes mails", self.host, self.port))
            .map_err(|reason| secrets.redact_reason(&reason))
    }
}

impl Sending {
    /// Sends it. Returns the recipients that the server refused, where it took others.
    fn send(&self) -> Result<Vec<String>, Reason> {
        let mut connection = self.connection()?;
        let refused = |error: &lettre::transport::smtp::Error| self.trouble(error);
        let mut options = Vec::new();
        if connection.server_info().supports_feature(Extension::EightBitMime) {
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        connection.command(Mail::new(Some(self.from.clone()), options)).map_err(|error| refused(&error))?;
        let mut not_to = Vec::new();
        let mut last = None;
        for to in &self.to {
            match connection.command(Rcpt::new(to.clone(), Vec::new())) {
                Ok(_) => {}
                Err(error) if error.status().is_some() => {
                    not_to.push(to.to_string());
                    last = Some(error);
                }
                Err(error) => return Err(refused(&error)),
            }
        }
        if let Some(error) = last.filter(|_| not_to.len() == self.to.len()) {
            return Err(refused(&error));
        }
        connection.command(Data).map_err(|error| refused(&error))?;
        if self.stage.compare_exchange(BEFORE, ASKED, Ordering::SeqCst, Ordering::SeqCst).is_err() {
            return Err(Reason::new(ReasonKind::TimedOut, "given up"));
        }
        connection.message(&self.content).map_err(|error| {
            let reason = refused(&error);
            // A reply says that it was not taken; everything else leaves that open.
            if error.status().is_some() { reason } else { webhook::perhaps("sent", &reason) }
        })?;
        let _ = connection.quit();
        Ok(not_to)
    }

    fn test(&self) -> Result<(), Reason> {
        let mut connection = self.connection()?;
        connection.command(Noop).map_err(|error| self.trouble(&error))?;
        let _ = connection.quit();
        Ok(())
    }

    /// Connects, encrypts and signs in.
    fn connection(&self) -> Result<SmtpConnection, Reason> {
        let hello = ClientId::default();
        let from_the_first_byte = self.parameters.as_ref().filter(|_| self.tls == MailTls::Tls);
        let mut connection = SmtpConnection::connect(
            (self.host.as_str(), self.port),
            Some(self.timeout),
            &hello,
            from_the_first_byte,
            None,
        )
        .map_err(|error| self.trouble(&error))?;
        if let (MailTls::Starttls, Some(parameters)) = (self.tls, &self.parameters) {
            connection.starttls(parameters, &hello).map_err(|error| self.trouble(&error))?;
        }
        if let Some(sign_in) = &self.sign_in {
            connection.auth(&MECHANISMS, sign_in).map_err(|error| match error.status() {
                Some(code) => {
                    let text = format!(
                        "{}:{} does not let us in ({code}): look at the user name and the password",
                        self.host, self.port
                    );
                    Reason::new(ReasonKind::ProviderError, text)
                }
                None => self.trouble(&error),
            })?;
        }
        Ok(connection)
    }

    /// The reason of an error of the library.
    fn trouble(&self, error: &lettre::transport::smtp::Error) -> Reason {
        use std::error::Error as _;
        let server = format!("{}:{}", self.host, self.port);
        if error.status().is_some() {
            let said = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            let code = error.status().map(|code| code.to_string()).unwrap_or_default();
            let text = format!("{server} refused the mail: {code} {}", one_line(&said));
            return Reason::new(ReasonKind::ProviderError, text);
        }
        let mut cause = error.source();
        while let Some(next) = cause {
            if let Some(io) = next.downcast_ref::<std::io::Error>() {
                return match io.kind() {
                    std::io::ErrorKind::ConnectionRefused => {
                        Reason::new(ReasonKind::Unreachable, format!("connection refused by {server}"))
                    }
                    std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock => {
                        let within = Quantity::seconds(self.timeout.as_secs_f64());
                        let text = format!("no answer from {server} within {within}");
                        Reason::new(ReasonKind::TimedOut, text)
                    }
                    _ => Reason::new(
                        ReasonKind::Unreachable,
                        format!("{server}: {}", one_line(&io.to_string())),
                    ),
                };
            }
            cause = next.source();
        }
        let said = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        let kind = if error.is_response() { ReasonKind::BadAnswer } else { ReasonKind::Unreachable };
        Reason::new(kind, format!("{server}: {}", one_line(&said)))
    }
}
