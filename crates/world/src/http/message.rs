//! The HTTP request and response types.

use std::time::Duration;

use rbl_runtime::Secrets;
use serde_json::Value;
use ureq::http::{StatusCode, Uri};

use super::unique_json::{JsonFault, unique_json};

/// A request. The client adds its credentials and its own headers.
#[derive(Clone)]
pub(crate) struct Request {
    pub(super) method: String,
    pub(super) address: Uri,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) within: Option<Duration>,
}

impl Request {
    /// A request without a body, by any method.
    pub(crate) fn new(method: &str, address: Uri) -> Self {
        Self { method: method.to_owned(), address, headers: Vec::new(), body: None, within: None }
    }

    /// A GET.
    pub(crate) fn get(address: Uri) -> Self {
        Self::new("GET", address)
    }

    /// A POST of this content.
    pub(crate) fn post(address: Uri, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::new("POST", address).body(content_type, body)
    }

    /// Adds a header. `Authorization`, `Proxy-Authorization` and `Cookie` are hidden; another header with a secret must hold
    /// one that is hidden already.
    #[must_use]
    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the content, and its type as a header.
    #[must_use]
    pub(crate) fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("Content-Type", content_type)
    }

    /// Lowers the deadline of this one call below the time-out of the client. A longer one changes nothing.
    #[must_use]
    pub(crate) fn within(mut self, within: Duration) -> Self {
        self.within = Some(within);
        self
    }
}

/// The response, whatever its status.
pub(crate) struct Response {
    /// Its status: 200.
    pub(crate) status: u16,
    /// The body, no longer than the client's limit.
    pub(crate) body: Vec<u8>,
    pub(super) headers: ureq::http::HeaderMap,
    /// Where it came from: after a redirect another address of the same server.
    pub(crate) address: Uri,
    pub(super) secrets: Secrets,
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("line", &self.line())
            .finish_non_exhaustive()
    }
}

impl Response {
    /// The value of a header, if it is there and is text. The first one, where there are several.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether it is a page for people, as proxies and sign-in pages send.
    pub(crate) fn is_page(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.to_lowercase().contains("html"))
            || self.body.trim_ascii_start().starts_with(b"<")
    }

    /// Its status in words: `502 Bad Gateway`.
    pub(crate) fn status_in_words(&self) -> String {
        let name = StatusCode::from_u16(self.status).ok().and_then(|code| code.canonical_reason());
        name.map_or_else(|| self.status.to_string(), |name| format!("{} {name}", self.status))
    }

    /// Its body as JSON. An answer that says one thing twice says nothing.
    pub(crate) fn json(&self) -> Result<Value, JsonFault> {
        unique_json(&self.body)
    }

    /// Its body as one line for a message, without secrets.
    pub(crate) fn line(&self) -> String {
        self.said(&String::from_utf8_lossy(&self.body))
    }

    /// A text from its body or its headers as one line for a message, without secrets.
    pub(crate) fn said(&self, text: &str) -> String {
        self.secrets.one_line(text)
    }
}

/// Host and port, as messages name a server.
pub(crate) fn server(address: &Uri) -> String {
    let host = address.host().unwrap_or("");
    address.port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
