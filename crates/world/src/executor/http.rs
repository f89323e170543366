//! The executor `http`: an action is a request. The reference is `METHOD /path`; the arguments become the JSON body, or the
//! query of a GET or DELETE.
//!
//! Success is a status of 2xx with anything but a page for people, and, where `success` is configured, one `true` at that
//! place of the answer. A request is sent once for each attempt, with the same `Idempotency-Key`. With `follow` the answer only names
//! a job, and the action has worked when that job has.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rbl_check::{Contract, Family, Key, KeyKind, KindDescription};
use rbl_project::setting::{Bytes, Seconds, Setting};
use rbl_runtime::{Acted, Datum, Piece, Secrets};
use rbl_syntax::one_line;
use rbl_syntax::value::{Reason, ReasonKind};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use serde_json_path::JsonPath;
use toml::de::Error;

use super::follow::{Remote, RemoteState, follow};
use super::http_job::{self, HttpJob, HttpJobConfig};
use super::{Executor, Job};
use crate::http::{Client, Credentials, Request, Response, patient, percent_encoded, server};
use crate::registry::ConnectionKind;
use crate::webhook::BodyTemplate;
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
        contract: Contract::Own,
        keys: &[
            Key::needed("url", KeyKind::Url, "where it answers; the path of a reference is put behind it"),
            webhook::HEADERS,
            config_keys::BEARER_TOKEN,
            config_keys::USERNAME,
            config_keys::PASSWORD,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            TIMEOUT,
            Key::optional(
                "body",
                KeyKind::Plain,
                "an object of all arguments",
                "the JSON to send with POST, PUT and PATCH; in its texts `#{NAME}` stands for the argument of that name",
            ),
            Key::optional(
                "success",
                KeyKind::Plain,
                "a status of 2xx is enough",
                "a JSONPath into the answer that has to be `true`, like \"$.ok\"",
            ),
            Key::optional(
                "idempotent",
                KeyKind::Flag,
                "false",
                "whether a second request with the same `Idempotency-Key` begins nothing new: then one that was cut off is sent again",
            ),
            http_job::FOLLOW,
            http_job::ID_AT,
            http_job::STATE,
            http_job::SUCCEEDED,
            http_job::GOES_ON,
            http_job::CANCEL,
            http_job::EVERY,
            Key::optional("output", KeyKind::Data, "1MB", "how large an answer may be"),
        ],
    },
    configure: |section, base| {
        let executor = HttpExecutor::new(HttpExecutorConfig::deserialize(section)?, base);
        Ok(Arc::new(executor.map_err(Error::custom)?))
    },
};

/// The longest look at a job.
const ONE_LOOK: Duration = Duration::from_secs(10);

/// Without `timeout` the action's own limit counts.
const NO_TIMEOUT: Seconds = Seconds(365.0 * 24.0 * 3600.0);

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct HttpExecutorConfig {
    url: Setting,
    #[serde(flatten)]
    credentials: Credentials,
    timeout: Option<Seconds>,
    body: Option<BodyTemplate>,
    success: Option<SuccessRule>,
    #[serde(default)]
    idempotent: bool,
    #[serde(flatten)]
    job: HttpJobConfig,
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
    body: Option<BodyTemplate>,
    success: Option<SuccessRule>,
    idempotent: bool,
    job: Option<HttpJob>,
}

/// A reference, with its values filled in.
struct Reference {
    method: String,
    /// Begins with `/`.
    path: String,
}

impl HttpExecutor {
    fn new(config: HttpExecutorConfig, base: &Path) -> Result<Self, String> {
        let HttpExecutorConfig { url, credentials, timeout, body, success, idempotent, job, output } = config;
        let client = Client::new(url, timeout.unwrap_or(NO_TIMEOUT), credentials, base, output.0);
        Ok(Self { client, body, success, idempotent, job: HttpJob::new(job)? })
    }

    /// Sends the request of the action; the answer, where it says that it worked.
    fn answer(&self, job: &Job) -> Result<Response, Reason> {
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
            request = request.body("application/json", self.body(job)?.to_string());
        }
        let response = patient::send(&self.client, &request, secrets, "done")?;
        webhook::accepted(&response, &to, "done")?;
        self.succeeded(&response, &to)?;
        Ok(response)
    }

    /// The arguments as a JSON object, or in the configured body.
    fn body(&self, job: &Job) -> Result<Value, Reason> {
        let arguments = arguments(job)?;
        let Some(body) = &self.body else { return Ok(arguments) };
        let names: Vec<&str> = job.arguments.iter().map(|argument| argument.name.as_str()).collect();
        body.check(&names).map_err(|error| refused(&error.to_string()))?;
        Ok(body.filled(&arguments))
    }

    /// Whether the answer says that it worked.
    fn succeeded(&self, response: &Response, to: &str) -> Result<(), Reason> {
        let Some(SuccessRule { text, path }) = &self.success else { return Ok(()) };
        let bad = |why: String| {
            let reason = Reason::new(ReasonKind::BadAnswer, format!("{to} answered {why}"));
            Err(webhook::perhaps("done", &reason))
        };
        let answer = match response.json() {
            Ok(answer) => answer,
            Err(fault) => return bad(format!("with {fault}")),
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
fn arguments(job: &Job) -> Result<Value, Reason> {
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
        if let Some(followed) = &self.job {
            return follow(&FollowedHttp { executor: self, followed }, job);
        }
        let answer = self.answer(job);
        job.acted(answer.map(|answer| String::from_utf8_lossy(&answer.body).into_owned()))
    }

    fn begins_once(&self) -> bool {
        self.idempotent
    }

    fn test(&self) -> Result<String, Reason> {
        webhook::answers(&self.client, &Secrets::of_connection())
    }
}

/// An executor whose jobs go on behind the answer.
struct FollowedHttp<'e> {
    executor: &'e HttpExecutor,
    followed: &'e HttpJob,
}

impl FollowedHttp<'_> {
    fn sent(&self, method: &str, path: &str, within: Duration, job: &Job) -> Result<Response, Reason> {
        let client = &self.executor.client;
        let request = Request::new(method, client.at(path, &job.secrets)?).within(within);
        let response = client.send(&request, &job.secrets)?;
        webhook::accepted(&response, &server(&response.address), "")?;
        Ok(response)
    }
}

impl Remote for FollowedHttp<'_> {
    fn begin(&self, job: &Job) -> Result<String, Reason> {
        let response = self.executor.answer(job)?;
        self.followed.id(&response.body).map_err(|why| {
            let to = server(&response.address);
            let text = format!("{to} answered with {why}: {}", response.line());
            webhook::perhaps("done", &Reason::new(ReasonKind::BadAnswer, text))
        })
    }

    fn look(&self, remote: &str, job: &Job) -> Result<RemoteState, Reason> {
        let response = self.sent("GET", &self.followed.follow_path(remote), ONE_LOOK, job)?;
        self.followed.state(&response.body, &response.line()).map_err(|why| {
            let to = server(&response.address);
            Reason::new(ReasonKind::BadAnswer, format!("{to} answered with {why}: {}", response.line()))
        })
    }

    fn cancel(&self, remote: &str, within: Duration, job: &Job) -> Result<(), Reason> {
        let Some((method, path)) = self.followed.cancel_request(remote) else {
            return Err(refused("there is no `cancel` in its section"));
        };
        self.sent(method, &path, within, job).map(drop)
    }

    fn every(&self) -> Duration {
        self.followed.every
    }
}
