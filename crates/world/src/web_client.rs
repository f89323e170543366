//! [`WebClient`]: requests to one server, for what is no connection of a runbook: the API of a server of rbl, a heartbeat,
//! traces. The same client as that of every connection, with its limits and its hiding of secrets.

use std::path::Path;

use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::Secrets;
use rbl_syntax::value::Reason;

use crate::http::{Client, Credentials, Request};

/// The largest answer, in bytes.
const LARGEST: u64 = 256 << 20;

/// See the module.
pub struct WebClient {
    client: Client,
    secrets: Secrets,
}

/// What came back, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAnswer {
    /// Its status: 200.
    pub status: u16,
    /// Its body.
    pub body: String,
    /// Whether it is a page for people, as proxies send.
    pub is_page: bool,
}

impl WebClient {
    /// A client for this address, which signs in with a token where there is one. Files that settings name are relative to
    /// `base`; no call takes longer than this many seconds.
    pub fn new(url: Setting, token: Option<Setting>, base: &Path, longest: f64) -> Self {
        let credentials = Credentials { bearer_token: token, ..Credentials::default() };
        let client = Client::new(url, Seconds(longest), credentials, base, LARGEST);
        Self { client, secrets: Secrets::default() }
    }

    /// Gets what is at a path below the address, which may be empty.
    ///
    /// Errors: the address cannot be read, or nobody answers there.
    pub fn get(&self, path: &str, headers: &[(&str, String)]) -> Result<WebAnswer, Reason> {
        let request = Request::get(self.client.at(path, &self.secrets)?);
        self.send(&headers.iter().fold(request, |request, (name, value)| request.header(name, value)))
    }

    /// Posts JSON to a path below the address.
    ///
    /// Errors: as [`Self::get`].
    pub fn post(&self, path: &str, body: &serde_json::Value) -> Result<WebAnswer, Reason> {
        let address = self.client.at(path, &self.secrets)?;
        self.send(&Request::post(address, "application/json", body.to_string()))
    }

    fn send(&self, request: &Request) -> Result<WebAnswer, Reason> {
        let response = self.client.send(request, &self.secrets)?;
        let is_page = response.is_page();
        Ok(WebAnswer {
            status: response.status,
            body: String::from_utf8_lossy(&response.body).into_owned(),
            is_page,
        })
    }
}
