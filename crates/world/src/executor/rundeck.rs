//! The executor `rundeck`: an action is a job of Rundeck, which is run and followed to its end.
//!
//! REFERENCE is the id of the job; the arguments are its options. Success is the status `succeeded` of the execution. Rundeck has no
//! idempotency key: a run that was cut off before the id of its execution was noted asks a person.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rbl_check::{Contract, Family, Key, KeyKind, KindDescription};
use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::{Acted, Datum, Secrets, percent_encoded};
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::follow::{Remote, RemoteState, follow};
use super::{DeclaredParameter, DeclaredReference, Executor, Job};
use crate::config_keys;
use crate::http::{
    Client, Credentials, Request, Response, TlsFiles, patient, percent_encoded as segment, server,
};
use crate::registry::ConnectionKind;
use crate::{clock, plugin, secrets, webhook};

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Executor> = ConnectionKind {
    description: KindDescription {
        family: Family::Executor,
        kind: "rundeck",
        summary: "a job of Rundeck, followed to its end: REFERENCE is its id, the arguments are its options",
        metrics: &[],
        contract: Contract::OurReading("Rundeck's description of its API"),
        keys: &[
            Key::needed("url", KeyKind::Url, "where Rundeck answers"),
            Key::needed("token", KeyKind::Secret, "an API token that may run the jobs"),
            Key::optional("api_version", KeyKind::Count, "41", "the version of the API, from 14 on"),
            Key::optional("every", KeyKind::Duration, "2s", "the pause between two looks"),
            Key::optional("output", KeyKind::Data, "1MB", "how much of the log is kept"),
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| Ok(Arc::new(Rundeck::new(RundeckConfig::deserialize(section)?, base))),
};

/// The version of the API that gives the definition of a job as JSON.
const DEFINITIONS_SINCE: u32 = 44;

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct RundeckConfig {
    url: Setting,
    token: Setting,
    #[serde(default = "usual_version")]
    api_version: u32,
    #[serde(default = "two_seconds")]
    every: Seconds,
    #[serde(default = "one_megabyte")]
    output: rbl_project::setting::Bytes,
    #[serde(flatten)]
    tls: TlsFiles,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
}

const fn usual_version() -> u32 {
    41
}

const fn two_seconds() -> Seconds {
    Seconds(2.0)
}

const fn one_megabyte() -> rbl_project::setting::Bytes {
    rbl_project::setting::Bytes(1_000_000)
}

/// A Rundeck.
#[derive(Debug)]
struct Rundeck {
    client: Client,
    token: Setting,
    version: u32,
    every: Seconds,
    output: u64,
}

impl Rundeck {
    fn new(config: RundeckConfig, base: &Path) -> Self {
        let RundeckConfig { url, token, api_version, every, output, tls, timeout } = config;
        let credentials = Credentials { tls, ..Credentials::default() };
        // An answer is the log and what is around each of its lines.
        let limit = output.0.saturating_mul(4).max(1_000_000);
        let client = Client::new(url, timeout, credentials, base, limit);
        Self { client, token, version: api_version, every, output: output.0 }
    }

    fn request(&self, method: &str, path: &str, secrets: &Secrets) -> Result<Request, Reason> {
        let token = secrets::setting(secrets, &self.token, self.client.base())?;
        let address = self.client.at(&format!("/api/{}{path}", self.version), secrets)?;
        Ok(Request::new(method, address)
            .header("X-Rundeck-Auth-Token", token)
            .header("Accept", "application/json"))
    }

    /// The JSON of a look.
    fn get(&self, path: &str, secrets: &Secrets) -> Result<Value, Reason> {
        let response = self.client.send(&self.request("GET", path, secrets)?, secrets)?;
        answer(&response, "")
    }

    fn definition(&self, reference: &str, secrets: &Secrets) -> Result<DeclaredReference, Reason> {
        let path = format!("/job/{}?format=json", percent_encoded(reference.trim()));
        let response = self.client.send(&self.request("GET", &path, secrets)?, secrets)?;
        if response.status == 404 {
            return Ok(DeclaredReference::Missing);
        }
        let answer = answer(&response, "")?;
        let Some(job) = answer.as_array().and_then(|all| all.first()).or(answer.as_object().map(|_| &answer))
        else {
            return Err(Reason::new(
                ReasonKind::BadAnswer,
                "Rundeck answered without the definition of a job",
            ));
        };
        let all = job.get("options").and_then(Value::as_array).into_iter().flatten();
        let parameters = all.filter_map(|one| {
            let flag = |name: &str| one.get(name).and_then(Value::as_bool).unwrap_or(false);
            let name = one.get("name").and_then(Value::as_str)?.to_owned();
            let needed = flag("required") && one.get("value").is_none_or(Value::is_null);
            Some(DeclaredParameter { name, needed })
        });
        Ok(DeclaredReference::Parameters(parameters.collect()))
    }

    /// The log of an execution, as much of it as is kept.
    fn log(&self, remote: &str, secrets: &Secrets) -> Result<String, Reason> {
        let log = self.get(&format!("/execution/{}/output?format=json", segment(remote)), secrets)?;
        let entries = log.get("entries").and_then(Value::as_array).into_iter().flatten();
        let lines: Vec<&str> = entries.filter_map(|entry| entry.get("log")?.as_str()).collect();
        let mut text = lines.join("\n");
        let limit = usize::try_from(self.output).unwrap_or(usize::MAX);
        if text.len() > limit {
            let end = (0..=limit).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.truncate(end);
        }
        Ok(text)
    }
}

/// The JSON of an answer that worked. `done`: what may have happened if that is unclear.
fn answer(response: &Response, done: &str) -> Result<Value, Reason> {
    let to = server(&response.address);
    if let Some(error) = error_of(response).filter(|_| !matches!(response.status, 401 | 403)) {
        return Err(Reason::new(ReasonKind::ProviderError, format!("{to} refused it: {error}")));
    }
    webhook::accepted(response, &to, done)?;
    response.json().map_err(|fault| {
        let text = format!("{to} answered with {fault}: {}", response.line());
        webhook::perhaps(done, &Reason::new(ReasonKind::BadAnswer, text))
    })
}

/// What Rundeck itself says is wrong.
fn error_of(response: &Response) -> Option<String> {
    let answer = response.json().ok()?;
    answer.get("error")?.as_bool().filter(|is_error| *is_error)?;
    let field = |name: &str| answer.get(name).and_then(Value::as_str);
    Some(response.said(field("message").or_else(|| field("errorCode")).unwrap_or("no reason")))
}

impl Remote for Rundeck {
    fn begin(&self, job: &Job) -> Result<String, Reason> {
        let (reference, _) = plugin::pieces(&job.reference, |datum| job.reveal(datum))?;
        let reference = reference.trim();
        if reference.is_empty() || reference.contains(['/', '?', '#']) || matches!(reference, "." | "..") {
            return Err(Reason::new(ReasonKind::NotRun, "the reference is not the id of a job"));
        }
        let mut options = Map::new();
        for argument in &job.arguments {
            let value = job.reveal(&argument.value)?;
            let value = match &value {
                Datum::List(items) => items.iter().map(Datum::shown).collect::<Vec<_>>().join(","),
                Datum::Text(_)
                | Datum::Number(_)
                | Datum::ExactNumber(_)
                | Datum::Reading { .. }
                | Datum::Duration(_)
                | Datum::Data(_)
                | Datum::Bool(_)
                | Datum::Secret(_) => value.shown(),
            };
            options.insert(argument.name.to_string(), json!(value));
        }
        let path = format!("/job/{}/run", percent_encoded(reference));
        let request = self
            .request("POST", &path, &job.secrets)?
            .body("application/json", json!({ "options": options }).to_string())
            .within(clock::duration(job.act.within));
        let response = patient::send(&self.client, &request, &job.secrets, "done")?;
        let answer = answer(&response, "done")?;
        match answer.get("id") {
            Some(Value::Number(id)) => Ok(id.to_string()),
            Some(Value::String(id)) if !id.is_empty() => Ok(id.clone()),
            _ => {
                let text = format!("{} answered without the id of an execution", server(&response.address));
                Err(webhook::perhaps("done", &Reason::new(ReasonKind::BadAnswer, text)))
            }
        }
    }

    fn look(&self, remote: &str, job: &Job) -> Result<RemoteState, Reason> {
        let execution = self.get(&format!("/execution/{}", segment(remote)), &job.secrets)?;
        let Some(status) = execution.get("status").and_then(Value::as_str) else {
            return Err(Reason::new(ReasonKind::BadAnswer, "Rundeck answered an execution without a status"));
        };
        Ok(match status {
            "running" | "scheduled" => RemoteState::GoesOn(status.to_owned()),
            "succeeded" => RemoteState::Succeeded(self.log(remote, &job.secrets)?),
            other => {
                let custom = execution.get("customStatus").and_then(Value::as_str);
                let nodes = execution.get("failedNodes").and_then(Value::as_array);
                let nodes: Vec<&str> = nodes.into_iter().flatten().filter_map(Value::as_str).collect();
                let on = if nodes.is_empty() { String::new() } else { format!(" on {}", nodes.join(", ")) };
                let text = format!("execution {remote} ended as {}{on}", custom.unwrap_or(other));
                RemoteState::Failed(Reason::new(ReasonKind::ProviderError, job.secrets.one_line(&text)))
            }
        })
    }

    fn cancel(&self, remote: &str, within: Duration, job: &Job) -> Result<(), Reason> {
        let path = format!("/execution/{}/abort", segment(remote));
        let request = self.request("POST", &path, &job.secrets)?.within(within);
        let answered = answer(&self.client.send(&request, &job.secrets)?, "")?;
        // 200 also says that it failed.
        match answered.pointer("/abort/status").and_then(Value::as_str) {
            Some("failed") => {
                let why = answered.pointer("/abort/reason").and_then(Value::as_str).unwrap_or("no reason");
                Err(Reason::new(ReasonKind::ProviderError, job.secrets.one_line(why)))
            }
            _ => Ok(()),
        }
    }

    fn every(&self) -> Duration {
        self.every.duration()
    }
}

impl Executor for Rundeck {
    fn run(&self, job: &Job) -> Acted {
        follow(self, job)
    }

    /// From the definition of the job, which Rundeck gives as JSON since the version 44 of its API.
    fn declared(&self, reference: &str) -> Option<Result<DeclaredReference, Reason>> {
        if self.version < DEFINITIONS_SINCE {
            let text = format!("it gives the options of a job since `api_version = {DEFINITIONS_SINCE}`");
            return Some(Err(Reason::new(ReasonKind::NotRun, text)));
        }
        let secrets = Secrets::of_connection();
        Some(self.definition(reference, &secrets).map_err(|reason| secrets.redact_reason(&reason)))
    }

    fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        let info = self.get("/system/info", &secrets)?;
        let version = info.pointer("/system/rundeck/version").and_then(Value::as_str).unwrap_or("?");
        Ok(secrets.one_line(&format!("Rundeck {version}")))
    }
}
