//! [`HttpError`]: why a call has no response, and whether the server may have the request all the same.

use std::io::ErrorKind;
use std::time::Duration;

use rbl_runtime::Secrets;
use rbl_syntax::one_line;
use rbl_syntax::value::{Quantity, Reason, ReasonKind};
use ureq::Timeout;

use super::proxy::ChosenProxy;
use super::tls;

/// Why a call has no response. It contains no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HttpError {
    /// Why.
    pub(crate) reason: Reason,
    /// Whether the server may have received the request. `false` is certain: it may be sent again.
    pub(crate) may_have_arrived: bool,
}

impl HttpError {
    /// Nothing was sent.
    pub(super) fn unsent(reason: Reason) -> Self {
        Self { reason, may_have_arrived: false }
    }

    /// The same without the secrets.
    pub(super) fn redacted(self, secrets: &Secrets) -> Self {
        Self { reason: secrets.redact_reason(&self.reason), ..self }
    }

    /// The request was sent, or it is unknown whether it was.
    pub(super) fn uncertain(reason: Reason) -> Self {
        Self { reason, may_have_arrived: true }
    }
}

impl From<HttpError> for Reason {
    fn from(error: HttpError) -> Self {
        error.reason
    }
}

/// How messages name the two ends of a call.
pub(super) struct Route<'a> {
    /// Host and port.
    pub(super) server: &'a str,
    pub(super) proxy: Option<&'a ChosenProxy>,
    /// The time-out of the call.
    pub(super) within: Duration,
}

impl Route<'_> {
    /// The call ran into its deadline.
    pub(super) fn timed_out(&self) -> Reason {
        let within = Quantity::seconds(self.within.as_secs_f64());
        let text = format!("no answer from {}{} within {within}", self.server, self.through());
        Reason::new(ReasonKind::TimedOut, text)
    }

    /// Why the response head did not come.
    pub(super) fn trouble(&self, error: &ureq::Error) -> HttpError {
        let server = self.server;
        let unreachable = |text: String| Reason::new(ReasonKind::Unreachable, text);
        match error {
            ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => HttpError::unsent(self.timed_out()),
            ureq::Error::Timeout(_) => HttpError::uncertain(self.timed_out()),
            ureq::Error::HostNotFound => HttpError::unsent(unreachable(self.no_such_host())),
            ureq::Error::ConnectProxyFailed(why) => HttpError::unsent(unreachable(format!(
                "{} does not reach {server}: {}",
                self.proxy.map_or_else(|| "the proxy".to_owned(), ChosenProxy::to_string),
                one_line(why)
            ))),
            ureq::Error::Io(io) => {
                if let Some(cause) = tls::inside(io) {
                    return self.no_tls(cause);
                }
                match io.kind() {
                    ErrorKind::ConnectionRefused => {
                        HttpError::unsent(unreachable(format!("connection refused by {}", self.first_hop())))
                    }
                    ErrorKind::TimedOut | ErrorKind::WouldBlock => HttpError::uncertain(self.timed_out()),
                    // Data that TLS does not accept is reported as unreadable.
                    ErrorKind::InvalidData => {
                        HttpError::uncertain(unreachable(self.insecure(&one_line(&io.to_string()))))
                    }
                    ErrorKind::ConnectionReset
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::BrokenPipe
                    | ErrorKind::UnexpectedEof => HttpError::uncertain(unreachable(format!(
                        "{server} closed the connection without an answer{}",
                        self.through()
                    ))),
                    // A failed look-up has no kind of its own. It is the only error here that comes neither from the
                    // system, nor from TLS, nor with a kind above.
                    kind if kind != ErrorKind::Other && io.raw_os_error().is_none() => {
                        HttpError::unsent(unreachable(self.no_such_host()))
                    }
                    _ => HttpError::uncertain(unreachable(format!(
                        "{}: {}",
                        self.first_hop(),
                        one_line(&io.to_string())
                    ))),
                }
            }
            ureq::Error::Rustls(cause) => self.no_tls(cause),
            ureq::Error::Tls(_) | ureq::Error::Pem(_) => {
                HttpError::unsent(unreachable(self.insecure(&one_line(&error.to_string()))))
            }
            ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => {
                HttpError::uncertain(Reason::new(
                    ReasonKind::BadAnswer,
                    format!("{server} does not answer in HTTP{}", self.through()),
                ))
            }
            other => HttpError::uncertain(unreachable(format!("{server}: {}", one_line(&other.to_string())))),
        }
    }

    /// Why the body did not come.
    pub(super) fn broken_body(&self, error: &ureq::Error) -> Reason {
        let server = self.server;
        match error {
            ureq::Error::BodyExceedsLimit(limit) => {
                Reason::new(ReasonKind::BadAnswer, format!("{server} answered with more than {limit} bytes"))
            }
            ureq::Error::Timeout(_) => self.timed_out(),
            _ => Reason::new(ReasonKind::BadAnswer, format!("the answer of {server} broke off")),
        }
    }

    fn no_tls(&self, cause: &rustls::Error) -> HttpError {
        let reason = Reason::new(ReasonKind::Unreachable, self.insecure(&tls::cause(cause)));
        // A server may refuse our side of the handshake when the request is on its way already.
        let may_have_arrived = !matches!(cause, rustls::Error::InvalidCertificate(_));
        HttpError { reason, may_have_arrived }
    }

    /// What a connection is made to.
    fn first_hop(&self) -> String {
        self.proxy.map_or_else(|| self.server.to_owned(), ChosenProxy::to_string)
    }

    fn no_such_host(&self) -> String {
        format!("no such host: {}", self.first_hop())
    }

    fn through(&self) -> String {
        self.proxy.map_or_else(String::new, |proxy| format!(" through {proxy}"))
    }

    fn insecure(&self, why: &str) -> String {
        format!("no secure connection to {}{}: {why}", self.server, self.through())
    }
}
