//! The provider `http`: numbers, texts and lines from any JSON over HTTP. QUERY is `[PATH] JSONPATH`.

mod query;

use crate::registry::ConnectionKind;
use rbl_check::{Contract, Family, Key, KeyKind, KindDescription};
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::partial::{PARTIAL, Partial, missing_in};
use super::reported::whole;
use super::{Provider, nodes, without_secrets};
use crate::config_keys;
use crate::http::{Client, Credentials, JsonFault, Request, Response, server};
use crate::secrets;
use rbl_project::setting::{Bytes, Seconds, Setting};
use rbl_runtime::{Read, Reading, Secrets};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Reason, ReasonKind, Time};

/// Its entry in the registry.
pub(super) const KIND: ConnectionKind<dyn Provider> = ConnectionKind {
    description: KindDescription {
        family: Family::Provider,
        kind: "http",
        summary: "JSON that HTTP fetches: QUERY is `[PATH] JSONPATH`",
        metrics: &[MetricType::Number, MetricType::Text, MetricType::Lines],
        contract: Contract::Own,
        keys: &[
            Key::needed("url", KeyKind::Url, "where it answers; the PATH of a query is put behind it"),
            Key::optional("method", KeyKind::OneOf(&["GET", "POST"]), "GET", "how it is asked"),
            Key::optional("body", KeyKind::Text, "none", "the JSON sent with each POST"),
            config_keys::TIMEOUT,
            Key::optional("headers", KeyKind::Settings, "none", "sent with each question"),
            config_keys::BEARER_TOKEN,
            config_keys::USERNAME,
            config_keys::PASSWORD,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            Key::optional("numbers_in_text", KeyKind::Flag, "false", "whether `\"5\"` counts as 5"),
            PARTIAL,
            config_keys::OUTPUT,
        ],
    },
    configure: |section, base| {
        Ok(Arc::new(HttpProvider::new(HttpProviderConfig::deserialize(section)?, base)))
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    #[default]
    Get,
    Post,
}

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct HttpProviderConfig {
    url: Setting,
    #[serde(default)]
    method: Method,
    body: Option<Setting>,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
    #[serde(flatten)]
    credentials: Credentials,
    #[serde(default)]
    numbers_in_text: bool,
    #[serde(default)]
    partial: Partial,
    #[serde(default = "config_keys::ten_megabytes")]
    output: Bytes,
}

#[derive(Debug)]
struct HttpProvider {
    client: Client,
    method: Method,
    body: Option<Setting>,
    numbers_in_text: bool,
    partial: Partial,
}

fn refused(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::ProviderError, text)
}

impl HttpProvider {
    fn new(config: HttpProviderConfig, base: &Path) -> Self {
        let HttpProviderConfig { url, method, body, timeout, credentials, .. } = config;
        let client = Client::new(url, timeout, credentials, base, config.output.0);
        Self { client, method, body, numbers_in_text: config.numbers_in_text, partial: config.partial }
    }

    /// Sends the request. A GET follows redirects on the same server.
    fn fetch(&self, path: &str, secrets: &Secrets) -> Result<Response, Reason> {
        if !path.is_empty() && self.client.address(secrets)?.contains('?') {
            return Err(refused("the configured url has a `?`, so a query cannot add a path to it"));
        }
        let address = self.client.at(path, secrets)?;
        let request = match self.method {
            Method::Get => Request::get(address),
            Method::Post => {
                let body = self.body.as_ref().map(|body| secrets::setting(secrets, body, self.client.base()));
                Request::post(address, "application/json", body.transpose()?.unwrap_or_default())
            }
        };
        Ok(self.client.follow(&request, secrets)?)
    }

    /// The answer, if it has a body and its status says that all went well.
    fn answered(&self, path: &str, secrets: &Secrets) -> Result<Option<Response>, Reason> {
        let answer = self.fetch(path, secrets)?;
        let server = server(&answer.address);
        let status = answer.status_in_words();
        match answer.status {
            204 => Ok(None),
            200..=299 => Ok(Some(answer)),
            401 | 403 => Err(refused(format!(
                "{server} does not let us in ({status}): look at the token or the password"
            ))),
            404 => Err(refused(format!("{server} has no {} ({status})", answer.said(answer.address.path())))),
            _ if answer.is_page() || answer.body.is_empty() => {
                Err(refused(format!("{server} answered {status}")))
            }
            _ => Err(refused(format!("{server} answered {status}: {}", answer.line()))),
        }
    }

    fn answer(&self, read: &Read, now: Time, secrets: &Secrets) -> Result<Reading, Reason> {
        let query = query::read(&read.query, !read.of.is_number(), secrets, self.client.base())?;
        let Some(answer) = self.answered(&query.path, secrets)? else { return Ok(Reading::default()) };
        let Some(jsonpath) = &query.jsonpath else {
            if answer.is_page() {
                return Err(not_json(&answer));
            }
            let mut missing = missing_by_status(&answer);
            // Also one that is not taken apart says of itself that it is not all.
            if let Ok(document) = rbl_runtime::json_with_digits(&answer.body) {
                missing.extend(missing_in(&document).iter().map(|text| answer.said(text)));
            }
            let warnings = self.partial.judge(missing)?;
            let reading = whole(&answer.body, read);
            let reading = reading.map_err(|reason| {
                let server = server(&answer.address);
                Reason::new(ReasonKind::BadAnswer, format!("the answer of {server}: {}", reason.text))
            })?;
            return Ok(Reading { warnings, ..reading });
        };
        let document = rbl_runtime::json_with_digits(&answer.body).map_err(|why| match why.into() {
            fault @ JsonFault::Repeated(_) => {
                let text = format!("{} answered with {fault}", server(&answer.address));
                Reason::new(ReasonKind::BadAnswer, text)
            }
            JsonFault::NotJson => not_json(&answer),
        })?;
        let mut missing = missing_by_status(&answer);
        missing.extend(missing_in(&document).iter().map(|text| answer.said(text)));
        let warnings = self.partial.judge(missing)?;
        let found = jsonpath.query_located(&document);
        let reading = match read.of {
            MetricType::Number | MetricType::Unknown => {
                nodes::numbers(&found, |value| self.in_text(value))?.reading(read.time, now, None, None)?
            }
            MetricType::Text => nodes::texts(&found)?.reading(now, None, None)?,
            MetricType::Lines => Reading { lines: nodes::lines(&found)?, ..Reading::default() },
        };
        Ok(Reading { warnings, ..reading })
    }

    fn in_text(&self, value: &Value) -> Option<Value> {
        rbl_runtime::json_of_number(value.as_str().filter(|_| self.numbers_in_text)?)
    }
}

/// A status that says that only a part of the data came.
fn missing_by_status(answer: &Response) -> Vec<String> {
    let partial = answer.status == 206;
    partial
        .then(|| format!("{} answered {}", server(&answer.address), answer.status_in_words()))
        .into_iter()
        .collect()
}

fn not_json(answer: &Response) -> Reason {
    let what = if answer.is_page() {
        "a web page: is the url right, or is a sign-in needed?".to_owned()
    } else if answer.body.is_empty() {
        "nothing".to_owned()
    } else {
        format!("something that is not JSON: {}", answer.line())
    };
    Reason::new(ReasonKind::BadAnswer, format!("{} answered with {what}", server(&answer.address)))
}

impl Provider for HttpProvider {
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason> {
        let secrets = Secrets::of_connection();
        without_secrets(self.answer(read, now, &secrets), &secrets)
    }

    fn time_out(&self) -> Option<std::time::Duration> {
        Some(self.client.timeout())
    }

    fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        let answer = self.fetch("", &secrets).map_err(|reason| secrets.redact_reason(&reason))?;
        match answer.status {
            // The configured address may be only a prefix of one that exists.
            200..=399 | 404 | 405 => {
                Ok(format!("{} answers {}", server(&answer.address), answer.status_in_words()))
            }
            _ => Err(refused(format!("{} answered {}", server(&answer.address), answer.status_in_words()))),
        }
    }
}
