//! [`Client`]: sends requests to one server, with its credentials, a deadline and a body limit.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::{Secrets, base64_padded};
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use ureq::SendBody;
use ureq::http::{HeaderValue, Uri};
use ureq::unversioned::transport::DefaultConnector;
use url::Url;
use zeroize::Zeroizing;

use super::error::{HttpError, Route};
use super::message::{Request, Response, server};
use super::proxy::{self, ChosenProxy};
use super::redirect;
use super::resolver::HostResolver;
use super::tls_files::TlsFiles;
use crate::secrets;

/// What some servers put before a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The maximum number of redirects.
const MOST_REDIRECTS: usize = 5;
/// The shortest part of a path that may be a key, as services have them in the address of a hook.
const SHORTEST_KEY: usize = 8;
/// Headers whose value is always a credential.
const CREDENTIAL_HEADERS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];

/// How a client signs in: headers, and one of a token or a name with a password. All that comes from outside `rbl.toml`, the
/// token and the password are hidden. The keys of a section that name them are the same for every kind.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Credentials {
    /// Sent with each request.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, Setting>,
    /// Sent as `Authorization: Bearer …`.
    pub(crate) bearer_token: Option<Setting>,
    /// For basic sign-in.
    pub(crate) username: Option<Setting>,
    /// For basic sign-in.
    pub(crate) password: Option<Setting>,
    /// Whom we trust, and our own certificate.
    #[serde(flatten)]
    pub(crate) tls: TlsFiles,
}

/// An HTTP server and how it is reached. Making one reads nothing and connects to nothing.
#[derive(Debug)]
pub(crate) struct Client {
    url: Setting,
    timeout: Seconds,
    credentials: Credentials,
    base: PathBuf,
    limit: u64,
    agent: OnceLock<Agent>,
}

/// The library's client; its connections are kept for the next request.
#[derive(Debug)]
struct Agent {
    agent: ureq::Agent,
    proxy: Option<ChosenProxy>,
}

impl Client {
    /// A client for the server of this URL. Files that settings name are relative to `base`; `limit` is the largest body in
    /// bytes.
    pub(crate) fn new(
        url: Setting,
        timeout: Seconds,
        credentials: Credentials,
        base: &Path,
        limit: u64,
    ) -> Self {
        Self { url, timeout, credentials, base: base.to_owned(), limit, agent: OnceLock::new() }
    }

    /// The longest time of a call.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout.duration()
    }

    /// The directory that files are relative to.
    pub(crate) fn base(&self) -> &Path {
        &self.base
    }

    /// The configured address without a trailing slash.
    pub(crate) fn address(&self, secrets: &Secrets) -> Result<String, Reason> {
        let url = secrets::setting(secrets, &self.url, &self.base)?;
        let url = url.trim();
        if !(url.starts_with("http://") || url.starts_with("https://")) {
            return Err(Reason::new(
                ReasonKind::Unreachable,
                "the url does not begin with http:// or https://",
            ));
        }
        hide_parts(url, self.url.is_outside(), secrets);
        Ok(url.trim_end_matches('/').to_owned())
    }

    /// The configured address with this behind it.
    pub(crate) fn at(&self, path: &str, secrets: &Secrets) -> Result<Uri, Reason> {
        parse(&format!("{}{path}", self.address(secrets)?)).map_err(|reason| secrets.redact_reason(&reason))
    }

    /// Sends the request, and reads the whole response. Follows no redirect: it comes back as a response.
    pub(crate) fn send(&self, request: &Request, secrets: &Secrets) -> Result<Response, HttpError> {
        let within = self.within(request);
        self.exchange(request, &request.address, CallTime { within, left: None }, secrets)
    }

    /// The same, but follows redirects of a GET or HEAD on the same server: the credentials must not reach another one. The
    /// deadline is that of all requests together.
    pub(crate) fn follow(&self, request: &Request, secrets: &Secrets) -> Result<Response, HttpError> {
        let within = self.within(request);
        let started = Instant::now();
        let refused = |text: String| {
            HttpError::uncertain(Reason::new(ReasonKind::ProviderError, text)).redacted(secrets)
        };
        let mut address = request.address.clone();
        for hop in 0..=MOST_REDIRECTS {
            let left = (hop > 0).then(|| within.saturating_sub(started.elapsed()));
            let response = self.exchange(request, &address, CallTime { within, left }, secrets)?;
            let to = response.header("location").filter(|_| (300..400).contains(&response.status));
            let Some(to) = to else { return Ok(response) };
            let (from, status) = (server(&address), response.status_in_words());
            if request.method != "GET" && request.method != "HEAD" {
                let method = &request.method;
                return Err(refused(format!(
                    "{from} sends a {method} elsewhere ({status} to {})",
                    response.said(to)
                )));
            }
            address = redirect::target(&address, to).ok_or_else(|| {
                refused(format!("{from} sends us to another server ({status} to {})", response.said(to)))
            })?;
        }
        Err(refused(format!("{} sends us on more than {MOST_REDIRECTS} times", server(&address))))
    }

    fn within(&self, request: &Request) -> Duration {
        request.within.map_or(self.timeout(), |within| within.min(self.timeout()))
    }

    fn exchange(
        &self,
        request: &Request,
        address: &Uri,
        span: CallTime,
        secrets: &Secrets,
    ) -> Result<Response, HttpError> {
        self.unmasked_exchange(request, address, span, secrets).map_err(|error| error.redacted(secrets))
    }

    fn unmasked_exchange(
        &self,
        request: &Request,
        address: &Uri,
        span: CallTime,
        secrets: &Secrets,
    ) -> Result<Response, HttpError> {
        self.refuse_other_server(address, secrets).map_err(HttpError::unsent)?;
        let head = self.head(request, address, secrets).map_err(HttpError::unsent)?;
        let Agent { agent, proxy } = self.agent(address, secrets).map_err(HttpError::unsent)?;
        if let Some(proxy) = proxy {
            proxy.hide(secrets);
        }
        let server = server(address);
        let route = Route { server: &server, proxy: proxy.as_ref(), within: span.within };
        let is_read = Rc::new(Cell::new(request.body.as_ref().is_none_or(Vec::is_empty)));
        let content = request.body.clone().map_or_else(SendBody::none, |body| {
            SendBody::from_owned_reader(Outgoing { rest: Cursor::new(body), is_read: Rc::clone(&is_read) })
        });
        let head = head.body(content).map_err(|_| HttpError::unsent(unsendable()))?;
        let left = span.left.or_else(|| (span.within < self.timeout()).then_some(span.within));
        let sent = match left {
            // The library would wait a second for what has no time left.
            Some(Duration::ZERO) => return Err(HttpError::unsent(route.timed_out())),
            Some(left) => agent.run(agent.configure_request(head).timeout_global(Some(left)).build()),
            None => agent.run(head),
        };
        let mut response = sent.map_err(|error| {
            let mut error = route.trouble(&error);
            // Without its body a request is incomplete, and no server acts on it.
            error.may_have_arrived &= is_read.get();
            error
        })?;
        let body = response.body_mut().with_config().limit(self.limit).read_to_vec();
        let mut body = body.map_err(|error| HttpError::uncertain(route.broken_body(&error)))?;
        // It says how the text is written, and is none of it (RFC 8259, section 8.1).
        if body.starts_with(BYTE_ORDER_MARK) {
            body.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(Response {
            status: response.status().as_u16(),
            body,
            headers: response.headers().clone(),
            address: address.clone(),
            secrets: secrets.clone(),
        })
    }

    /// *Invariant:* credentials and bodies reach the configured server only.
    fn refuse_other_server(&self, address: &Uri, secrets: &Secrets) -> Result<(), Reason> {
        let configured = parse(&self.address(secrets)?)?;
        if redirect::same_server(&configured, address) {
            return Ok(());
        }
        let text =
            format!("{} is another server than the configured {}", server(address), server(&configured));
        Err(Reason::new(ReasonKind::ProviderError, text))
    }

    /// Method, address and headers.
    fn head(
        &self,
        request: &Request,
        address: &Uri,
        secrets: &Secrets,
    ) -> Result<ureq::http::request::Builder, Reason> {
        let mut head = ureq::http::Request::builder().method(request.method.as_str()).uri(address.clone());
        let add = |head: ureq::http::request::Builder, name: &str, value: &str| {
            let is_credential = hide_header(name, value, secrets);
            match HeaderValue::from_str(value) {
                Ok(mut value) => {
                    value.set_sensitive(is_credential);
                    head.header(name, value)
                }
                // The library reports it when the request is complete.
                Err(_) => head.header(name, value),
            }
        };
        for (name, setting) in &self.credentials.headers {
            head = add(head, name, &secrets::setting(secrets, setting, &self.base)?);
        }
        if let Some(token) = &self.credentials.bearer_token {
            let token = Zeroizing::new(token.resolve(&self.base)?);
            head = add(head, "Authorization", &Zeroizing::new(format!("Bearer {}", *token)));
        } else if let Some(username) = &self.credentials.username {
            let username = username.resolve(&self.base)?;
            let password = self.credentials.password.as_ref().map(|password| password.resolve(&self.base));
            let password = Zeroizing::new(password.transpose()?.unwrap_or_default());
            secrets.hide(&password);
            let pair = Zeroizing::new(format!("{username}:{}", *password));
            let pair = Zeroizing::new(base64_padded(pair.as_bytes()));
            head = add(head, "Authorization", &Zeroizing::new(format!("Basic {}", *pair)));
        }
        for (name, value) in &request.headers {
            head = add(head, name, value);
        }
        if let Some(body) = &request.body {
            head = head.header("Content-Length", body.len());
        }
        Ok(head)
    }

    fn agent(&self, address: &Uri, secrets: &Secrets) -> Result<&Agent, Reason> {
        if let Some(agent) = self.agent.get() {
            return Ok(agent);
        }
        let proxy = proxy::choose(address)?;
        let tls = self.credentials.tls.config(&self.base, secrets)?;
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(self.timeout()))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .allow_non_standard_methods(true)
            .proxy(proxy.as_ref().map(|chosen| chosen.proxy.clone()))
            .tls_config(tls)
            .user_agent(concat!("rbl/", env!("CARGO_PKG_VERSION")))
            .build();
        let agent = ureq::Agent::with_parts(config, DefaultConnector::default(), HostResolver::default());
        Ok(self.agent.get_or_init(|| Agent { agent, proxy }))
    }
}

/// The time of a call.
#[derive(Clone, Copy)]
struct CallTime {
    /// All of it, as messages say.
    within: Duration,
    /// What is left of it, if something was used already.
    left: Option<Duration>,
}

/// A body on its way, which notes that some of it was asked for: before that, the server has no complete request.
struct Outgoing {
    rest: Cursor<Vec<u8>>,
    is_read: Rc<Cell<bool>>,
}

impl Read for Outgoing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.is_read.set(true);
        self.rest.read(buffer)
    }
}

/// Parses an address for a request.
fn parse(address: &str) -> Result<Uri, Reason> {
    let uri: Option<Uri> =
        address.parse().ok().filter(|uri: &Uri| uri.host().is_some_and(|host| !host.is_empty()));
    uri.ok_or_else(|| Reason::new(ReasonKind::Unreachable, "the url is not an address"))
}

/// Hides the password in a URL and, if the URL is a secret itself, the parts that make it one: the values of its query, and
/// parts of its path that look like a key (a long word with a digit).
fn hide_parts(url: &str, is_secret: bool, secrets: &Secrets) {
    let Ok(url) = Url::parse(url) else { return };
    if let Some(password) = url.password() {
        secrets.hide(password);
        let plain = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let password = plain(password);
        secrets.hide(&password);
        secrets.hide(&base64_padded(format!("{}:{password}", plain(url.username())).as_bytes()));
    }
    if is_secret {
        url.query_pairs().for_each(|(_, value)| secrets.hide(&value));
        let is_key = |part: &&str| part.len() >= SHORTEST_KEY && part.contains(|c: char| c.is_ascii_digit());
        url.path_segments().into_iter().flatten().filter(is_key).for_each(|part| secrets.hide(part));
    }
}

/// Hides the value of a header that is a credential: all of it, and what follows the name of its scheme (`Bearer …`). Returns
/// whether it is one.
fn hide_header(name: &str, value: &str, secrets: &Secrets) -> bool {
    let is_credential = CREDENTIAL_HEADERS.contains(&name.to_lowercase().as_str());
    if is_credential {
        secrets.hide(value);
        if let Some((_, credential)) = value.split_once(' ') {
            secrets.hide(credential);
        }
    }
    is_credential
}

fn unsendable() -> Reason {
    Reason::new(ReasonKind::Unreachable, "a header or the url holds characters that cannot be sent")
}
