//! Sends requests to an HTTP server: address, sign-in, time-out and size limit; and converts each error to a reason.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ureq::http::{Request, Uri};

use super::mask::{Mask, one_line};
use super::proxy;
use super::resolve::Resolve;
use rbl_project::setting::{Seconds, Setting};
use rbl_syntax::value::{Reason, ReasonKind};

/// Sign-in and time-out: the configuration that every provider over HTTP shares.
#[derive(Debug, Clone, Default)]
pub struct Access {
    pub headers: BTreeMap<String, Setting>,
    pub bearer_token: Option<Setting>,
    pub username: Option<Setting>,
    pub password: Option<Setting>,
}

/// An HTTP server.
#[derive(Debug)]
pub struct Endpoint {
    pub(super) url: Setting,
    pub timeout: Seconds,
    pub(super) access: Access,
    pub base: PathBuf,
    /// The largest answer in bytes.
    pub(super) limit: u64,
    agent: OnceLock<ureq::Agent>,
}

/// One request.
pub struct Question<'a> {
    pub method: &'a str,
    /// The full address.
    pub address: Uri,
    /// Content type and content.
    pub body: Option<(&'a str, Vec<u8>)>,
}

/// The response, whatever its status.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub(super) content_type: String,
    pub location: Option<String>,
    pub body: Vec<u8>,
}

impl Answer {
    /// Whether it is a page for people, as proxies and sign-in pages send.
    pub fn is_page(&self) -> bool {
        self.content_type.contains("html") || self.body.trim_ascii_start().starts_with(b"<")
    }

    /// Its status in words: `502 Bad Gateway`.
    pub fn status_in_words(&self) -> String {
        let name =
            ureq::http::StatusCode::from_u16(self.status).ok().and_then(|code| code.canonical_reason());
        name.map_or_else(|| self.status.to_string(), |name| format!("{} {name}", self.status))
    }

    /// Its content as one line for a message.
    pub fn line(&self) -> String {
        one_line(&String::from_utf8_lossy(&self.body))
    }
}

impl Endpoint {
    pub fn new(url: Setting, timeout: Seconds, access: Access, base: &Path, limit: u64) -> Self {
        Self { url, timeout, access, base: base.to_owned(), limit, agent: OnceLock::new() }
    }

    /// The configured address without a trailing slash.
    pub fn address(&self, mask: &Mask) -> Result<String, Reason> {
        let url = mask.resolve(&self.url, &self.base)?;
        let url = url.trim();
        if url.starts_with("http://") || url.starts_with("https://") {
            Ok(url.trim_end_matches('/').to_owned())
        } else {
            Err(Reason::new(ReasonKind::Unreachable, "the url does not begin with http:// or https://"))
        }
    }

    /// Parses an address for a request.
    pub fn uri(address: &str) -> Result<Uri, Reason> {
        let uri: Option<Uri> =
            address.parse().ok().filter(|uri: &Uri| uri.host().is_some_and(|host| !host.is_empty()));
        uri.ok_or_else(|| Reason::new(ReasonKind::Unreachable, "the url is not an address"))
    }

    /// Sends the request, and reads the whole response. Follows no redirect.
    pub fn ask(&self, question: Question<'_>, mask: &Mask) -> Result<Answer, Reason> {
        let server = server(&question.address);
        let mut request = Request::builder().method(question.method).uri(question.address.clone());
        for (name, setting) in &self.access.headers {
            request = request.header(name, mask.resolve(setting, &self.base)?);
        }
        if let Some(token) = &self.access.bearer_token {
            request = request.header("Authorization", format!("Bearer {}", mask.resolve(token, &self.base)?));
        } else if let Some(username) = &self.access.username {
            let username = username.resolve(&self.base)?;
            let password = self.access.password.as_ref().map(|password| mask.resolve(password, &self.base));
            let pair = format!("{username}:{}", password.transpose()?.unwrap_or_default());
            let pair = base64(pair.as_bytes());
            mask.remember(&pair);
            request = request.header("Authorization", format!("Basic {pair}"));
        }
        let agent = self.agent(&question.address)?;
        let sent = if let Some((content_type, body)) = question.body {
            let request = request.header("Content-Type", content_type).body(body);
            request.map_err(|_| unsendable()).and_then(|request| self.run(agent.run(request), &server))
        } else {
            let request = request.body(());
            request.map_err(|_| unsendable()).and_then(|request| self.run(agent.run(request), &server))
        };
        let mut response = sent?;
        let header = |name: &str| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let content_type = header("content-type").unwrap_or_default().to_lowercase();
        let location = header("location");
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(self.limit).read_to_vec();
        let body = body.map_err(|error| match error {
            ureq::Error::BodyExceedsLimit(limit) => {
                Reason::new(ReasonKind::BadAnswer, format!("{server} answered with more than {limit} bytes"))
            }
            ureq::Error::Timeout(_) => self.timed_out(&server),
            _ => Reason::new(ReasonKind::BadAnswer, format!("the answer of {server} broke off")),
        })?;
        Ok(Answer { status, content_type, location, body })
    }

    fn run<T>(&self, result: Result<T, ureq::Error>, server: &str) -> Result<T, Reason> {
        result.map_err(|error| self.trouble(&error, server))
    }

    fn timed_out(&self, server: &str) -> Reason {
        let within = rbl_syntax::value::Quantity::seconds(self.timeout.0);
        Reason::new(ReasonKind::TimedOut, format!("no answer from {server} within {within}"))
    }

    fn trouble(&self, error: &ureq::Error, server: &str) -> Reason {
        use std::io::ErrorKind;
        let unreachable = |text: String| Reason::new(ReasonKind::Unreachable, text);
        match error {
            ureq::Error::Timeout(_) => self.timed_out(server),
            ureq::Error::HostNotFound => unreachable(format!("no such host: {server}")),
            ureq::Error::ConnectProxyFailed(why) => {
                unreachable(format!("the proxy does not reach {server}: {}", one_line(why)))
            }
            ureq::Error::Io(io) => match io.kind() {
                ErrorKind::ConnectionRefused => unreachable(format!("connection refused by {server}")),
                ErrorKind::TimedOut => self.timed_out(server),
                // Data that TLS does not accept is reported as unreadable.
                ErrorKind::InvalidData => unreachable(insecure(server, &io.to_string())),
                ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::UnexpectedEof => {
                    unreachable(format!("{server} closed the connection without an answer"))
                }
                _ if io.to_string().contains("resolve") || io.to_string().contains("lookup") => {
                    unreachable(format!("no such host: {server}"))
                }
                _ => unreachable(format!("{server}: {}", one_line(&io.to_string()))),
            },
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) => {
                unreachable(insecure(server, &error.to_string()))
            }
            ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => {
                Reason::new(ReasonKind::BadAnswer, format!("{server} does not answer in HTTP"))
            }
            other => unreachable(format!("{server}: {}", one_line(&other.to_string()))),
        }
    }

    fn agent(&self, address: &Uri) -> Result<&ureq::Agent, Reason> {
        if let Some(agent) = self.agent.get() {
            return Ok(agent);
        }
        let proxy = proxy::choose(address.scheme_str().unwrap_or("http"), address.host().unwrap_or(""))?;
        let tls = ureq::tls::TlsConfig::builder().root_certs(ureq::tls::RootCerts::PlatformVerifier).build();
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(self.timeout.duration()))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(proxy)
            .tls_config(tls)
            .user_agent(concat!("rbl/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(self.agent.get_or_init(|| {
            let connector = ureq::unversioned::transport::DefaultConnector::default();
            ureq::Agent::with_parts(config, connector, Resolve::default())
        }))
    }
}

/// Host and port, as messages name a server.
pub fn server(address: &Uri) -> String {
    let host = address.host().unwrap_or("");
    address.port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Why there is no secure connection, with the usual certificate problems in words.
fn insecure(server: &str, error: &str) -> String {
    let why = if error.contains("Expired") {
        "its certificate has expired".to_owned()
    } else if error.contains("NotValidForName") {
        "its certificate is for another name".to_owned()
    } else if error.contains("UnknownIssuer") || error.contains("CaUsedAsEndEntity") {
        "nobody that this machine trusts vouches for its certificate".to_owned()
    } else if error.contains("certificate") {
        "its certificate is not accepted".to_owned()
    } else if error.contains("InvalidContentType") || error.contains("corrupt message") {
        "it does not speak TLS".to_owned()
    } else {
        one_line(error)
    };
    format!("no secure connection to {server}: {why}")
}

fn unsendable() -> Reason {
    Reason::new(ReasonKind::Unreachable, "a header or the url holds characters that cannot be sent")
}

/// Percent-encodes every byte with a special meaning in an address: the result is one segment or one value.
pub fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Base64, for HTTP's basic sign-in.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let letter = LETTERS.get((bits >> (18 - 6 * at)) as usize & 63).copied().unwrap_or(b'=');
            text.push(if at <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (plain, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn a_value_stays_one_segment() {
        assert_eq!(percent_encoded("a/b?c#d e%é"), "a%2Fb%3Fc%23d%20e%25%C3%A9");
    }
}
