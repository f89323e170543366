//! The executor `azure`: an action is a job of a runbook of Azure Automation, which is started and followed to its end.
//!
//! REFERENCE is the name of the runbook; the arguments are its parameters. Success is the status `Completed`. The name of the
//! job is a GUID made of the key of the action and its try, so that a second start is the first one: where Azure refuses it because
//! the job is there, that job is followed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rbl_check::{Contract, Family, Key, KeyKind, KindDescription};
use rbl_project::setting::{Bytes, Seconds, Setting};
use rbl_runtime::{Acted, Secrets};
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::{Map, Value, json};
use toml::de::Error;

use super::follow::{Remote, RemoteState, follow};
use super::{DeclaredParameter, DeclaredReference, Executor, Job, action_uuid, upper_camel};
use crate::azure::{self, AzureSignIn, AzureSignInConfig};
use crate::http::{Client, Credentials, Request, Response, TlsFiles, patient, percent_encoded, server};
use crate::registry::ConnectionKind;
use crate::{clock, config_keys, plugin, secrets, webhook};

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Executor> = ConnectionKind {
    description: KindDescription {
        family: Family::Executor,
        kind: "azure",
        summary: "a runbook of Azure Automation, followed to its end: REFERENCE is its name, the arguments are its parameters",
        metrics: &[],
        contract: Contract::Schema("what azure-mgmt-automation sends, which reads the answers of our fake"),
        keys: &[
            Key::needed("subscription", KeyKind::Text, "the id of the subscription"),
            Key::needed("resource_group", KeyKind::Text, "the name of the resource group"),
            Key::needed("account", KeyKind::Text, "the name of the automation account"),
            azure::TENANT,
            azure::CLIENT_ID,
            azure::CLIENT_SECRET,
            Key::optional(
                "parameters",
                KeyKind::Settings,
                "the name in UpperCamelCase",
                "what a parameter of the define is called in the runbook of Azure, like { vm = \"VMName\" }",
            ),
            Key::optional("run_on", KeyKind::Plain, "in Azure", "the hybrid worker group on which it runs"),
            Key::optional(
                "fail_on_errors",
                KeyKind::Flag,
                "false",
                "whether a job that completed has failed if it wrote to its stream of errors",
            ),
            Key::optional("every", KeyKind::Duration, "5s", "the pause between two looks"),
            Key::optional("output", KeyKind::Data, "1MB", "how large the output of a job may be"),
            Key::optional("url", KeyKind::Url, "https://management.azure.com", "where it answers"),
            azure::LOGIN_URL,
            azure::IDENTITY_URL,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| {
        let executor = AzureAutomation::new(AzureConfig::deserialize(section)?, base);
        Ok(Arc::new(executor.map_err(Error::custom)?))
    },
};

/// The version of the API, sent with each request.
const VERSION: &str = "api-version=2024-10-23";
/// The statuses in which a job has not worked. A suspended one waits for a person.
const FAILED: [&str; 3] = ["Failed", "Stopped", "Suspended"];
/// Most records of the stream of errors that a reason names.
const MOST_ERRORS: usize = 3;

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct AzureConfig {
    subscription: Setting,
    resource_group: Setting,
    account: Setting,
    #[serde(flatten)]
    sign_in: AzureSignInConfig,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    run_on: Option<String>,
    #[serde(default)]
    fail_on_errors: bool,
    #[serde(default = "five_seconds")]
    every: Seconds,
    #[serde(default = "one_megabyte")]
    output: Bytes,
    url: Option<Setting>,
    #[serde(flatten)]
    tls: TlsFiles,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
}

const fn five_seconds() -> Seconds {
    Seconds(5.0)
}

const fn one_megabyte() -> Bytes {
    Bytes(1_000_000)
}

/// An automation account.
#[derive(Debug)]
struct AzureAutomation {
    client: Client,
    sign_in: AzureSignIn,
    place: [(&'static str, Setting); 3],
    parameters: BTreeMap<String, String>,
    run_on: Option<String>,
    fail_on_errors: bool,
    every: Seconds,
}

impl AzureAutomation {
    fn new(config: AzureConfig, base: &Path) -> Result<Self, String> {
        let AzureConfig {
            subscription,
            resource_group,
            account,
            sign_in,
            parameters,
            run_on,
            fail_on_errors,
            every,
            output,
            url,
            tls,
            timeout,
        } = config;
        let url = url.unwrap_or_else(|| Setting::Text("https://management.azure.com".into()));
        let credentials = Credentials { tls: tls.clone(), ..Credentials::default() };
        Ok(Self {
            client: Client::new(url, timeout, credentials, base, output.0.max(64 * 1024)),
            sign_in: AzureSignIn::new(sign_in, tls, timeout, base)?,
            place: [
                ("subscriptions", subscription),
                ("resourceGroups", resource_group),
                ("providers/Microsoft.Automation/automationAccounts", account),
            ],
            parameters,
            run_on,
            fail_on_errors,
            every,
        })
    }

    /// A request about the automation account, or what this path names in it, for an answer of this type.
    fn request_for(
        &self,
        accept: &str,
        method: &str,
        path: &str,
        secrets: &Secrets,
    ) -> Result<Request, Reason> {
        let mut whole = String::new();
        for (name, setting) in &self.place {
            let value = secrets::setting(secrets, setting, self.client.base())?;
            whole = format!("{whole}/{name}/{}", percent_encoded(&value));
        }
        let join = if path.contains('?') { '&' } else { '?' };
        let address = self.client.at(&format!("{whole}{path}{join}{VERSION}"), secrets)?;
        Ok(Request::new(method, address)
            .header("Authorization", self.sign_in.header(secrets)?)
            .header("Accept", accept))
    }

    fn request(&self, method: &str, path: &str, secrets: &Secrets) -> Result<Request, Reason> {
        self.request_for("application/json", method, path, secrets)
    }

    /// What a look sees. A look may be made again, signed in anew.
    fn seen(&self, path: &str, secrets: &Secrets) -> Result<Response, Reason> {
        self.seen_as("application/json", path, secrets)
    }

    fn seen_as(&self, accept: &str, path: &str, secrets: &Secrets) -> Result<Response, Reason> {
        let response = self.client.send(&self.request_for(accept, "GET", path, secrets)?, secrets)?;
        if response.status == 401 {
            self.sign_in.forget();
        }
        accepted(&response, "")?;
        Ok(response)
    }

    fn job(&self, remote: &str, secrets: &Secrets) -> Result<Value, Reason> {
        json_of(&self.seen(&format!("/jobs/{}", percent_encoded(remote)), secrets)?, "")
    }

    fn output(&self, remote: &str, secrets: &Secrets) -> Result<String, Reason> {
        let path = format!("/jobs/{}/output", percent_encoded(remote));
        let response = self.seen_as("text/plain", &path, secrets)?;
        Ok(String::from_utf8_lossy(&response.body).into_owned())
    }

    /// The parameters of a runbook.
    fn runbook(&self, name: &str, secrets: &Secrets) -> Result<DeclaredReference, Reason> {
        let path = format!("/runbooks/{}", percent_encoded(name));
        let response = self.client.send(&self.request("GET", &path, secrets)?, secrets)?;
        if response.status == 404 {
            return Ok(DeclaredReference::Missing);
        }
        accepted(&response, "")?;
        let runbook = json_of(&response, "")?;
        let Some(properties) = runbook.get("properties") else {
            return Err(Reason::new(ReasonKind::BadAnswer, "Azure answered a runbook without properties"));
        };
        let all = properties.get("parameters").and_then(Value::as_object).into_iter().flatten();
        let parameters = all.map(|(name, one)| DeclaredParameter {
            name: name.clone(),
            needed: one.get("isMandatory").and_then(Value::as_bool).unwrap_or(false),
        });
        Ok(DeclaredReference::Parameters(parameters.collect()))
    }

    /// The first records of the stream of errors, each on one line.
    fn errors(&self, remote: &str, secrets: &Secrets) -> Result<Vec<String>, Reason> {
        let filter = percent_encoded("properties/streamType eq 'Error'");
        let path = format!("/jobs/{}/streams?$filter={filter}", percent_encoded(remote));
        let streams = json_of(&self.seen(&path, secrets)?, "")?;
        let records = streams.get("value").and_then(Value::as_array).into_iter().flatten();
        Ok(records
            .filter(|record| {
                record.pointer("/properties/streamType").and_then(Value::as_str) == Some("Error")
            })
            .filter_map(|record| record.pointer("/properties/summary").and_then(Value::as_str))
            .map(|summary| secrets.one_line(summary))
            .take(MOST_ERRORS)
            .collect())
    }

    /// Why a job that ended like this has not worked.
    fn failure(&self, remote: &str, status: &str, job: &Value, secrets: &Secrets) -> Reason {
        let field = |name: &str| {
            job.pointer(&format!("/properties/{name}")).and_then(Value::as_str).filter(|it| !it.is_empty())
        };
        let said = field("exception").map(|it| secrets.one_line(it)).or_else(|| {
            self.errors(remote, secrets).ok().map(|errors| errors.join("; ")).filter(|it| !it.is_empty())
        });
        let why = said.or_else(|| field("statusDetails").filter(|it| *it != "None").map(str::to_owned));
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        let waits = if status == "Suspended" { " and waits there for a person" } else { "" };
        let text = secrets.one_line(&format!("job {remote} ended as {status}{waits}{why}"));
        Reason::new(ReasonKind::ProviderError, text)
    }
}

/// Whether an answer of Azure says that it worked. `done`: what may have happened if that is unclear.
fn accepted(response: &Response, done: &str) -> Result<(), Reason> {
    let to = server(&response.address);
    if (400..500).contains(&response.status)
        && let Some(error) = error_of(response)
    {
        return Err(Reason::new(ReasonKind::ProviderError, format!("{to} refused it: {error}")));
    }
    webhook::accepted(response, &to, done)
}

/// What Azure itself says is wrong: `{"error": {"code", "message"}}`, or the two of them alone.
fn error_of(response: &Response) -> Option<String> {
    let answer = response.json().ok()?;
    let error = answer.get("error").unwrap_or(&answer);
    let code = error.get("code")?.as_str()?;
    let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
    Some(response.said(&format!("{code}: {message}")))
}

fn json_of(response: &Response, done: &str) -> Result<Value, Reason> {
    response.json().map_err(|fault| {
        let to = server(&response.address);
        let text = format!("{to} answered with {fault}: {}", response.line());
        webhook::perhaps(done, &Reason::new(ReasonKind::BadAnswer, text))
    })
}

impl Remote for AzureAutomation {
    fn begin(&self, job: &Job) -> Result<String, Reason> {
        let (reference, _) = plugin::pieces(&job.reference, |datum| job.reveal(datum))?;
        let runbook = reference.trim();
        if !rbl_check::reference::is_azure_runbook(runbook) {
            let text = "the reference is not the name of a runbook: letters, digits, `-` and `_`";
            return Err(Reason::new(ReasonKind::NotRun, text));
        }
        let mut parameters = Map::new();
        for argument in &job.arguments {
            let name = self.parameter_name(&argument.name);
            // Azure takes texts; whatever is not one is written as JSON, as its own tools do.
            let text = match plugin::plain(&job.reveal(&argument.value)?) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            parameters.insert(name, json!(text));
        }
        let remote = action_uuid("azure", &job.act.key, job.act.attempt);
        let mut properties = json!({ "runbook": { "name": runbook }, "parameters": parameters });
        if let (Some(properties), Some(run_on)) = (properties.as_object_mut(), &self.run_on) {
            properties.insert("runOn".into(), json!(run_on));
        }
        let request = self
            .request("PUT", &format!("/jobs/{remote}"), &job.secrets)?
            .body("application/json", json!({ "properties": properties }).to_string())
            .within(clock::duration(job.act.within));
        let response = patient::send(&self.client, &request, &job.secrets, "done")?;
        if response.status == 401 {
            self.sign_in.forget();
        }
        // It was begun before, by this action: nobody else makes this name.
        if response.status == 409 && self.job(&remote, &job.secrets).is_ok() {
            return Ok(remote);
        }
        accepted(&response, "done")?;
        let answer = json_of(&response, "done")?;
        if answer.get("properties").is_none_or(|it| !it.is_object()) {
            let text = format!("{} answered without a job", server(&response.address));
            return Err(webhook::perhaps("done", &Reason::new(ReasonKind::BadAnswer, text)));
        }
        Ok(remote)
    }

    fn look(&self, remote: &str, job: &Job) -> Result<RemoteState, Reason> {
        let secrets = &job.secrets;
        let seen = self.job(remote, secrets)?;
        let Some(status) = seen.pointer("/properties/status").and_then(Value::as_str) else {
            return Err(Reason::new(ReasonKind::BadAnswer, "Azure answered a job without a status"));
        };
        if FAILED.contains(&status) {
            return Ok(RemoteState::Failed(self.failure(remote, status, &seen, secrets)));
        }
        if status != "Completed" {
            // Also one that is not known here: what Azure adds goes on until it is one of these.
            return Ok(RemoteState::GoesOn(status.to_owned()));
        }
        if self.fail_on_errors {
            let errors = self.errors(remote, secrets)?;
            if !errors.is_empty() {
                let text = format!("job {remote} completed with errors: {}", errors.join("; "));
                return Ok(RemoteState::Failed(Reason::new(
                    ReasonKind::ProviderError,
                    secrets.one_line(&text),
                )));
            }
        }
        Ok(RemoteState::Succeeded(self.output(remote, secrets)?))
    }

    fn cancel(&self, remote: &str, within: Duration, job: &Job) -> Result<(), Reason> {
        let path = format!("/jobs/{}/stop", percent_encoded(remote));
        let request = self.request("POST", &path, &job.secrets)?.body("application/json", "").within(within);
        accepted(&self.client.send(&request, &job.secrets)?, "")
    }

    fn every(&self) -> Duration {
        self.every.duration()
    }
}

impl Executor for AzureAutomation {
    fn run(&self, job: &Job) -> Acted {
        follow(self, job)
    }

    fn begins_once(&self) -> bool {
        true
    }

    fn declared(&self, reference: &str) -> Option<Result<DeclaredReference, Reason>> {
        let secrets = Secrets::of_connection();
        Some(self.runbook(reference.trim(), &secrets).map_err(|reason| secrets.redact_reason(&reason)))
    }

    fn parameter_name(&self, name: &str) -> String {
        self.parameters.get(name).cloned().unwrap_or_else(|| upper_camel(name))
    }

    /// Looks at the automation account.
    fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        let account = json_of(&self.seen("", &secrets)?, "")?;
        let name = account.get("name").and_then(Value::as_str).unwrap_or("?");
        let state = account.pointer("/properties/state").and_then(Value::as_str);
        let state = state.map_or_else(String::new, |state| format!(" ({state})"));
        Ok(secrets.one_line(&format!("the automation account {name}{state}")))
    }
}
