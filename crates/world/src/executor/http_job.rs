//! What the executor `http` follows: a job that goes on behind the answer, at an address that names it.

use std::time::Duration;

use rbl_check::{Key, KeyKind};
use rbl_project::setting::Seconds;
use rbl_runtime::percent_encoded;
use rbl_syntax::value::{Reason, ReasonKind};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json_path::JsonPath;

use super::follow::RemoteState;
use crate::http::unique_json;

/// Stands for the id of the job.
const ID: &str = "#{id}";

pub(super) const FOLLOW: Key = Key::optional(
    "follow",
    KeyKind::Plain,
    "the answer is the end",
    "the path at which the job that an answer names is looked at, like \"/jobs/#{id}\"",
);
pub(super) const ID_AT: Key =
    Key::optional("id", KeyKind::Plain, "\"$.id\"", "a JSONPath into the first answer: the id of the job");
pub(super) const STATE: Key = Key::optional(
    "state",
    KeyKind::Plain,
    "\"$.status\"",
    "a JSONPath into the answers of `follow`: the state of the job",
);
pub(super) const SUCCEEDED: Key = Key::optional(
    "succeeded",
    KeyKind::Words,
    "needed with `follow`",
    "the states in which the job has worked",
);
pub(super) const GOES_ON: Key = Key::optional(
    "goes_on",
    KeyKind::Words,
    "needed with `follow`",
    "the states in which it goes on; every other one means that it has failed",
);
pub(super) const CANCEL: Key = Key::optional(
    "cancel",
    KeyKind::Plain,
    "it cannot be ended",
    "the request that ends the job, like \"DELETE /jobs/#{id}\"",
);
pub(super) const EVERY: Key = Key::optional("every", KeyKind::Duration, "2s", "the pause between two looks");

/// The keys of its section.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct HttpJobConfig {
    follow: Option<String>,
    id: Option<JobPath>,
    state: Option<JobPath>,
    #[serde(default)]
    succeeded: Vec<String>,
    #[serde(default)]
    goes_on: Vec<String>,
    cancel: Option<String>,
    every: Option<Seconds>,
}

/// A JSONPath, and its text.
#[derive(Debug, Clone)]
struct JobPath {
    text: String,
    path: JsonPath,
}

impl<'de> Deserialize<'de> for JobPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(D::Error::custom)
    }
}

impl JobPath {
    fn new(text: &str) -> Result<Self, String> {
        let path = JsonPath::parse(text)
            .map_err(|error| format!("`{text}` is not a JSONPath: {}", error.message()))?;
        Ok(Self { text: text.to_owned(), path })
    }

    /// The one text or number there.
    fn find(&self, answer: &Value) -> Result<String, String> {
        match self.path.query(answer).all().as_slice() {
            [Value::String(text)] => Ok(text.clone()),
            [Value::Number(number)] => Ok(number.to_string()),
            [Value::Bool(value)] => Ok(value.to_string()),
            [] => Err(format!("nothing at `{}`", self.text)),
            _ => Err(format!("no single text at `{}`", self.text)),
        }
    }
}

/// How a job is followed.
#[derive(Debug)]
pub(super) struct HttpJob {
    follow: String,
    id: JobPath,
    state: JobPath,
    succeeded: Vec<String>,
    goes_on: Vec<String>,
    cancel: Option<(String, String)>,
    /// The pause between two looks.
    pub(super) every: Duration,
}

impl HttpJob {
    /// `None`: an answer is the end.
    ///
    /// Errors: keys that have no meaning without `follow`, or that it needs.
    pub(super) fn new(config: HttpJobConfig) -> Result<Option<Self>, String> {
        let HttpJobConfig { follow, id, state, succeeded, goes_on, cancel, every } = config;
        let Some(follow) = follow else {
            let alone = id.is_some()
                || state.is_some()
                || cancel.is_some()
                || every.is_some()
                || !succeeded.is_empty()
                || !goes_on.is_empty();
            let text = "`id`, `state`, `succeeded`, `goes_on`, `cancel` and `every` need `follow`";
            return if alone { Err(text.into()) } else { Ok(None) };
        };
        if !follow.starts_with('/') || !follow.contains(ID) {
            return Err(format!("`follow` is a path with the id in it, like \"/jobs/{ID}\""));
        }
        if succeeded.is_empty() || goes_on.is_empty() {
            return Err("`follow` needs the states in `succeeded` and `goes_on`".into());
        }
        let cancel = cancel
            .map(|text| {
                let parts =
                    text.split_once(' ').map(|(method, path)| (method.to_owned(), path.trim().to_owned()));
                let is_one = |(method, path): &(String, String)| {
                    matches!(method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE") && path.starts_with('/')
                };
                parts.filter(is_one).ok_or_else(|| {
                    format!("`cancel` is `METHOD /path`, like \"DELETE /jobs/{ID}\", not `{text}`")
                })
            })
            .transpose()?;
        let path = |path: Option<JobPath>, usual: &str| path.map_or_else(|| JobPath::new(usual), Ok);
        Ok(Some(Self {
            follow,
            id: path(id, "$.id")?,
            state: path(state, "$.status")?,
            succeeded,
            goes_on,
            cancel,
            every: every.unwrap_or(Seconds(2.0)).duration(),
        }))
    }

    /// The id in the first answer.
    pub(super) fn id(&self, answer: &[u8]) -> Result<String, String> {
        let answer = unique_json(answer).map_err(|fault| fault.to_string())?;
        let id = self.id.find(&answer)?;
        if id.is_empty() || matches!(id.as_str(), "." | "..") {
            return Err(format!("the id `{id}`, which names no job"));
        }
        Ok(id)
    }

    /// Where it is looked at.
    pub(super) fn follow_path(&self, id: &str) -> String {
        self.follow.replace(ID, &percent_encoded(id))
    }

    /// The request that ends it: method and path.
    pub(super) fn cancel_request(&self, id: &str) -> Option<(&str, String)> {
        let (method, path) = self.cancel.as_ref()?;
        Some((method, path.replace(ID, &percent_encoded(id))))
    }

    /// How it stands, by an answer of `follow`. An error says that the answer does not show it.
    pub(super) fn state(&self, answer: &[u8], line: &str) -> Result<RemoteState, String> {
        let json = unique_json(answer).map_err(|fault| fault.to_string())?;
        let state = self.state.find(&json)?;
        Ok(if self.succeeded.contains(&state) {
            RemoteState::Succeeded(String::from_utf8_lossy(answer).into_owned())
        } else if self.goes_on.contains(&state) {
            RemoteState::GoesOn(state)
        } else {
            let text = format!("it ended as `{state}`: {line}");
            RemoteState::Failed(Reason::new(ReasonKind::ProviderError, text))
        })
    }
}
