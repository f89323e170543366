//! Services that people are reached through: each file speaks to one of them, for its team and its channel.
//!
//! *What a message is made of* is in [`wording`]; what counts as success is written in the header of each file.

pub(crate) mod alertmanager;
pub(crate) mod email;
pub(crate) mod for_people;
pub(crate) mod matrix;
mod matrix_answers;
pub(crate) mod msteams;
pub(crate) mod opsgenie;
pub(crate) mod pagerduty;
pub(crate) mod slack;
mod slack_blocks;
mod slack_interaction;
mod slack_socket;
pub(crate) mod thread;
pub(crate) mod wording;

use std::path::Path;
use std::time::Duration;

use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::Secrets;
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use serde_json::Value;

use crate::config_keys;
use crate::delivery_context::Outlet;
use crate::http::{Client, Credentials, JsonFault, Request, Response, TlsFiles, patient, server};
use crate::secrets;

/// How much of an answer is read.
const LONGEST_ANSWER: u64 = 1 << 20;

/// The keys that every service over HTTP has.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ReachConfig {
    #[serde(flatten)]
    tls: TlsFiles,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
}

impl ReachConfig {
    /// The certificates that are trusted.
    pub(crate) fn tls(&self) -> &TlsFiles {
        &self.tls
    }

    /// A client for an address with these settings. Its requests carry their own credentials.
    pub(crate) fn client(&self, url: Setting, base: &Path) -> Client {
        let credentials = Credentials { tls: self.tls.clone(), ..Credentials::default() };
        Client::new(url, self.timeout, credentials, base, LONGEST_ANSWER)
    }
}

/// An address that is written in a section, or the usual one.
pub(crate) fn address(written: Option<Setting>, usual: &str) -> Setting {
    written.unwrap_or_else(|| Setting::Text(usual.to_owned()))
}

/// Posts JSON, once.
///
/// Errors: no response came, or the service is busy for longer than the time-out.
pub(crate) fn post(
    client: &Client,
    path: &str,
    body: &Value,
    headers: &[(&str, String)],
    secrets: &Secrets,
) -> Result<Response, Reason> {
    let request = Request::post(client.at(path, secrets)?, "application/json", body.to_string());
    let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value.as_str()));
    patient::send(client, &request, secrets, "sent")
}

/// Gets JSON. It only looks, so its errors say nothing of what may have happened.
pub(crate) fn get(
    client: &Client,
    path: &str,
    headers: &[(&str, String)],
    secrets: &Secrets,
) -> Result<Value, Reason> {
    let request = Request::get(client.at(path, secrets)?);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value.as_str()));
    let response = client.send(&request, secrets)?;
    looked(&response)
}

/// The JSON of a look that worked.
pub(crate) fn looked(response: &Response) -> Result<Value, Reason> {
    crate::webhook::accepted(response, &server(&response.address), "")?;
    response.json().map_err(|_| bad_answer(response, "something that is not JSON"))
}

/// The body as JSON, if it is some; see [`Response::json`].
pub(crate) fn json(response: &Response) -> Option<Value> {
    response.json().ok()
}

/// The answer does not say what it has to, or says it twice.
pub(crate) fn bad_answer(response: &Response, what: &str) -> Reason {
    let to = server(&response.address);
    let repeated = response.json().err().filter(|fault| matches!(fault, JsonFault::Repeated(_)));
    let what = repeated.map_or_else(|| what.to_owned(), |fault| fault.to_string());
    Reason::new(ReasonKind::BadAnswer, format!("{to} answered with {what}: {}", response.line()))
}

/// The text of a secret setting.
pub(crate) fn secret(client: &Client, setting: &Setting, secrets: &Secrets) -> Result<String, Reason> {
    secrets::setting(secrets, setting, client.base())
}

/// The name under which a person is known here, by a name that a service has for them.
pub(crate) fn person(
    outlet: &Outlet,
    is_it: impl Fn(&rbl_runtime::teams::PersonNames) -> bool,
) -> Option<&str> {
    outlet.teams.people.iter().find(|(_, names)| is_it(names)).map(|(name, _)| name.as_str())
}

/// A key for a service that takes keys of this length: a longer one ends with its digest, because two keys may begin alike.
pub(crate) fn short_key(key: &str, longest: usize) -> String {
    if key.chars().count() <= longest {
        return key.to_owned();
    }
    let digest = rbl_runtime::journal::sha256(key);
    let kept: String = key.chars().take(longest.saturating_sub(digest.len() + 1)).collect();
    format!("{kept}~{digest}")
}

/// How long a test may take.
pub(crate) const TEST: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_key_stays_one_of_its_own() {
        let long = |end: &str| format!("{}{end}", "r/0.1-ü".repeat(100));
        assert_eq!(short_key("r1/0.1", 255), "r1/0.1");
        for most in [255, 512] {
            assert_eq!(short_key(&long("a"), most).chars().count(), most);
            assert_ne!(short_key(&long("a"), most), short_key(&long("b"), most));
        }
    }
}
