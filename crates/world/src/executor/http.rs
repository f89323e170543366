//! The executor `http`: an action is a request. The reference is `METHOD /path`; the arguments become the JSON body, or the
//! query of a GET or DELETE.
//!
//! Success is a status of 2xx with anything but a page for people, and, where `success` is configured, one `true` at that
//! place of the answer. A request is sent once for each attempt, with the same `Idempotency-Key`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rbl_check::{Family, Key, KeyKind, KindDescription};
use rbl_project::setting::{Bytes, Seconds, Setting};
use rbl_runtime::{Acted, Datum, Piece, Secrets};
use rbl_syntax::one_line;
use rbl_syntax::value::{Reason, ReasonKind};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use serde_json_path::JsonPath;

use super::{Executor, Job};
use crate::http::{Client, Credentials, Request, Response, percent_encoded, server};
use crate::registry::ConnectionKind;
use crate::{clock, config_keys, plugin, webhook};

/// How long it may take.
const TIMEOUT: Key = Key::optional(
    "timeout",
    KeyKind::Duration,
    "the action's own `within`",
    "how long an answer may take, if that is shorter than the action's `within`",
);

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Executor> = ConnectionKind {
    description: KindDescription {
        family: Family::Executor,
        kind: "http",
        summary: "done by a request: REFERENCE is `METHOD /path`, the arguments are its JSON body or its query",
        metrics: &[],
        keys: &[
            Key::needed("url", KeyKind::Url, "where it answers; the path of a reference is put behind it"),
            webhook::HEADERS,
            config_keys::BEARER_TOKEN,
            config_keys::USERNAME,
            config_keys::PASSWORD,
            TIMEOUT,
            Key::optional(
                "success",
                KeyKind::Plain,
                "a status of 2xx is enough",
                "a JSONPath into the answer that has to be `true`, like \"$.ok\"",
            ),
            Key::optional("output", KeyKind::Data, "1MB", "how large an answer may be"),
        ],
    },
    configure: |section, base| {
        Ok(Arc::new(HttpExecutor::new(HttpExecutorConfig::deserialize(section)?, base)))
    },
};

/// Without `timeout` the action's own limit counts.
const NO_TIMEOUT: Seconds = Seconds(365.0 * 24.0 * 3600.0);

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct HttpExecutorConfig {
    url: Setting,
    #[serde(default)]
    headers: BTreeMap<String, Setting>,
    bearer_token: Option<Setting>,
    username: Option<Setting>,
    password: Option<Setting>,
    timeout: Option<Seconds>,
    success: Option<SuccessRule>,
    #[serde(default = "one_megabyte")]
    output: Bytes,
}

const fn one_megabyte() -> Bytes {
    Bytes(1_000_000)
}

/// Where an answer says that it worked.
#[derive(Debug, Clone)]
struct SuccessRule {
    text: String,
    path: JsonPath,
}

impl<'de> Deserialize<'de> for SuccessRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let path = JsonPath::parse(&text)
            .map_err(|error| D::Error::custom(format!("`success` is not a JSONPath: {}", error.message())))?;
        Ok(Self { text, path })
    }
}

/// Acts by requests.
#[derive(Debug)]
struct HttpExecutor {
    client: Client,
    success: Option<SuccessRule>,
}

/// A reference, with its values filled in.
struct Reference {
    method: String,
    /// Begins with `/`.
    path: String,
}

impl HttpExecutor {
    fn new(config: HttpExecutorConfig, base: &Path) -> Self {
        let HttpExecutorConfig { url, headers, bearer_token, username, password, timeout, success, output } =
            config;
        let credentials = Credentials { headers, bearer_token, username, password };
        let client = Client::new(url, timeout.unwrap_or(NO_TIMEOUT), credentials, base, output.0);
        Self { client, success }
    }

    fn answer(&self, job: &Job) -> Result<String, Reason> {
        let secrets = &job.secrets;
        let Reference { method, mut path } = Reference::read(job)?;
        if self.client.address(secrets)?.contains('?') {
            return Err(refused("the url has a query, so that no path can be put behind it"));
        }
        let in_query = matches!(method.as_str(), "GET" | "DELETE");
        if in_query {
            add_query(&mut path, job)?;
        }
        let address = self.client.at(&path, secrets)?;
        let to = server(&address);
        let mut request = Request::new(&method, address)
            .header("Idempotency-Key", job.act.key.as_str())
            .within(clock::duration(job.act.within));
        if !in_query {
            request = request.body("application/json", body(job)?.to_string());
        }
        let response = self.client.send(&request, secrets).map_err(|error| {
            let may_have_arrived = error.may_have_arrived;
            let reason = Reason::from(error);
            if may_have_arrived { webhook::perhaps("done", &reason) } else { reason }
        })?;
        webhook::accepted(&response, &to, "done")?;
        self.succeeded(&response, &to)?;
        Ok(String::from_utf8_lossy(&response.body).into_owned())
    }

    /// Whether the answer says that it worked.
    fn succeeded(&self, response: &Response, to: &str) -> Result<(), Reason> {
        let Some(SuccessRule { text, path }) = &self.success else { return Ok(()) };
        let bad = |why: String| {
            let reason = Reason::new(ReasonKind::BadAnswer, format!("{to} answered {why}"));
            Err(webhook::perhaps("done", &reason))
        };
        let Ok(answer) = serde_json::from_slice::<Value>(&response.body) else {
            return bad("with something that is not JSON".to_owned());
        };
        match path.query(&answer).all().as_slice() {
            [Value::Bool(true)] => Ok(()),
            [Value::Bool(false)] => {
                let text =
                    format!("{to} answered that it did not work (`{text}` is false): {}", response.line());
                Err(Reason::new(ReasonKind::ProviderError, text))
            }
            [other] => bad(format!("with {} at `{text}`, not `true`", response.said(&other.to_string()))),
            [] => bad(format!("without `{text}`: {}", response.line())),
            several => bad(format!("with {} values at `{text}`", several.len())),
        }
    }
}

impl Reference {
    /// Reads `METHOD /path`. A value in the path becomes one segment, or one value of its query.
    fn read(job: &Job) -> Result<Self, Reason> {
        let mut pieces = job.reference.0.iter();
        let shape = || refused("the reference is not `METHOD /path`, with GET, POST, PUT, PATCH or DELETE");
        let Some(Piece::Text(first)) = pieces.next() else { return Err(shape()) };
        let (method, rest) = first.trim_start().split_once(char::is_whitespace).ok_or_else(shape)?;
        let mut path = rest.trim_start().to_owned();
        if !matches!(method, "GET" | "POST" | "PUT" | "PATCH" | "DELETE") || !path.starts_with('/') {
            return Err(shape());
        }
        let mut has_value = false;
        for piece in pieces {
            match piece {
                Piece::Text(text) => path.push_str(text),
                Piece::Value(datum) => {
                    let value = job.reveal(datum)?;
                    if matches!(value, Datum::List(_)) {
                        return Err(refused("a list cannot stand in a path"));
                    }
                    let value = value.shown();
                    if value.is_empty() {
                        return Err(refused("a value in the path is empty"));
                    }
                    path.push_str(&percent_encoded(&value));
                    has_value = true;
                }
            }
        }
        let path = path.trim_end().to_owned();
        let climbs = |segment: &str| matches!(segment, "." | "..");
        if has_value && path.split(['?', '#']).next().unwrap_or("").split('/').any(climbs) {
            return Err(refused("a value in a path has to be a name, not `.` or `..`"));
        }
        Ok(Self { method: method.to_owned(), path })
    }
}

/// Puts the arguments behind the path; a list is a parameter for each.
fn add_query(path: &mut String, job: &Job) -> Result<(), Reason> {
    for argument in &job.arguments {
        let values = match job.reveal(&argument.value)? {
            Datum::List(items) => items.iter().map(Datum::shown).collect(),
            plain @ (Datum::Text(_)
            | Datum::Number(_)
            | Datum::ExactNumber(_)
            | Datum::Reading { .. }
            | Datum::Duration(_)
            | Datum::Data(_)
            | Datum::Bool(_)
            | Datum::Secret(_)) => vec![plain.shown()],
        };
        for value in values {
            path.push(if path.contains('?') { '&' } else { '?' });
            path.push_str(&percent_encoded(&argument.name));
            path.push('=');
            path.push_str(&percent_encoded(&value));
        }
    }
    Ok(())
}

/// The arguments as a JSON object.
fn body(job: &Job) -> Result<Value, Reason> {
    let mut body = Map::new();
    for argument in &job.arguments {
        body.insert(argument.name.to_string(), plugin::plain(&job.reveal(&argument.value)?));
    }
    Ok(Value::Object(body))
}

fn refused(text: &str) -> Reason {
    Reason::new(ReasonKind::NotRun, one_line(text))
}

impl Executor for HttpExecutor {
    fn run(&self, job: &Job) -> Acted {
        job.acted(self.answer(job))
    }

    fn test(&self) -> Result<String, Reason> {
        webhook::answers(&self.client, &Secrets::of_connection())
    }
}
