//! The executor `ssm`: an action is an automation of AWS Systems Manager, which is started and followed to its end.
//!
//! REFERENCE is the name of the document and, behind a blank, its version; the arguments are its parameters. Success is the status
//! `Success` or `CompletedWithSuccess`. The start carries a `ClientToken` made of the key of the action and its try, so that a
//! second start is the first one.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rbl_check::{Contract, Family, Key, KeyKind, KindDescription};
use rbl_project::setting::Seconds;
use rbl_runtime::{Acted, Datum, Secrets};
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::{Map, Value, json};
use toml::de::Error;

use super::follow::{Remote, RemoteState, follow};
use super::{DeclaredParameter, DeclaredReference, Executor, Job, action_uuid, upper_camel};
use crate::aws::{self, Aws, AwsConfig};
use crate::registry::ConnectionKind;
use crate::{aws_keys, clock, config_keys, plugin};

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Executor> = ConnectionKind {
    description: KindDescription {
        family: Family::Executor,
        kind: "ssm",
        summary: "an automation of AWS Systems Manager, followed to its end: REFERENCE is `DOCUMENT [VERSION]`",
        metrics: &[],
        contract: Contract::ReferenceClient("what botocore sends to Systems Manager, and its signature"),
        keys: &[
            aws::REGION,
            aws_keys::ACCESS_KEY,
            aws_keys::SECRET_KEY,
            aws_keys::SESSION_TOKEN,
            aws_keys::PROFILE,
            aws::URL,
            Key::optional(
                "parameters",
                KeyKind::Settings,
                "the name in UpperCamelCase",
                "what a parameter of the runbook is called in the document, like { id = \"InstanceId\" }",
            ),
            Key::optional("every", KeyKind::Duration, "3s", "the pause between two looks"),
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| {
        let executor = Ssm::new(SsmConfig::deserialize(section)?, base);
        Ok(Arc::new(executor.map_err(Error::custom)?))
    },
};

/// The statuses with which an automation has worked.
const SUCCEEDED: [&str; 2] = ["Success", "CompletedWithSuccess"];
/// Those with which it has not.
const FAILED: [&str; 7] = [
    "Failed",
    "TimedOut",
    "Cancelled",
    "Rejected",
    "ChangeCalendarOverrideRejected",
    "CompletedWithFailure",
    "Exited",
];

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct SsmConfig {
    #[serde(flatten)]
    aws: AwsConfig,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    #[serde(default = "three_seconds")]
    every: Seconds,
}

const fn three_seconds() -> Seconds {
    Seconds(3.0)
}

/// Systems Manager in a region.
#[derive(Debug)]
struct Ssm {
    aws: Aws,
    parameters: BTreeMap<String, String>,
    every: Seconds,
}

impl Ssm {
    fn new(config: SsmConfig, base: &Path) -> Result<Self, String> {
        let SsmConfig { aws, parameters, every } = config;
        let aws = Aws::new(aws, "ssm", "application/x-amz-json-1.1", base)?;
        Ok(Self { aws, parameters, every })
    }

    fn parameter(&self, name: &str) -> String {
        self.parameters.get(name).cloned().unwrap_or_else(|| upper_camel(name))
    }

    fn execution(&self, remote: &str, secrets: &Secrets) -> Result<Value, Reason> {
        let body = json!({ "AutomationExecutionId": remote });
        let answer = self.aws.call("AmazonSSM.GetAutomationExecution", &body, None, None, secrets)?;
        answer.get("AutomationExecution").cloned().ok_or_else(|| {
            Reason::new(ReasonKind::BadAnswer, "Systems Manager answered without an `AutomationExecution`")
        })
    }
}

impl Remote for Ssm {
    fn begin(&self, job: &Job) -> Result<String, Reason> {
        let (reference, _) = plugin::pieces(&job.reference, |datum| job.reveal(datum))?;
        let mut words = reference.split_whitespace();
        let (Some(document), version, None) = (words.next(), words.next(), words.next()) else {
            return Err(Reason::new(
                ReasonKind::NotRun,
                "the reference is not `DOCUMENT` or `DOCUMENT VERSION`",
            ));
        };
        let mut parameters = Map::new();
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
            parameters.insert(self.parameter(&argument.name), json!(values));
        }
        let mut body = json!({
            "DocumentName": document,
            "ClientToken": action_uuid("ssm", &job.act.key, job.act.attempt),
        });
        if let Some(body) = body.as_object_mut() {
            body.extend(version.map(|version| ("DocumentVersion".to_owned(), json!(version))));
            if !parameters.is_empty() {
                body.insert("Parameters".into(), Value::Object(parameters));
            }
        }
        let within = Some(clock::duration(job.act.within));
        let answer =
            self.aws.call("AmazonSSM.StartAutomationExecution", &body, within, Some("done"), &job.secrets)?;
        let id = answer.get("AutomationExecutionId").and_then(Value::as_str);
        id.map(str::to_owned).ok_or_else(|| {
            let why = Reason::new(ReasonKind::BadAnswer, "Systems Manager did not say what it started");
            crate::webhook::perhaps("done", &why)
        })
    }

    fn look(&self, remote: &str, job: &Job) -> Result<RemoteState, Reason> {
        let execution = self.execution(remote, &job.secrets)?;
        let field = |name: &str| execution.get(name).and_then(Value::as_str);
        let Some(status) = field("AutomationExecutionStatus") else {
            return Err(Reason::new(ReasonKind::BadAnswer, "Systems Manager answered without a status"));
        };
        if SUCCEEDED.contains(&status) {
            return Ok(RemoteState::Succeeded(output(status, &execution).to_string()));
        }
        if FAILED.contains(&status) {
            let steps = failed_steps(&execution);
            let steps = if steps.is_empty() { String::new() } else { format!(" in {}", steps.join(", ")) };
            let why = field("FailureMessage").map(|why| format!(": {why}")).unwrap_or_default();
            let text = job.secrets.one_line(&format!("automation {remote} ended as {status}{steps}{why}"));
            return Ok(RemoteState::Failed(Reason::new(ReasonKind::ProviderError, text)));
        }
        // Also one that is not known here: what AWS adds goes on until it is one of these.
        Ok(RemoteState::GoesOn(status.to_owned()))
    }

    fn cancel(&self, remote: &str, within: Duration, job: &Job) -> Result<(), Reason> {
        let body = json!({ "AutomationExecutionId": remote, "Type": "Cancel" });
        let target = "AmazonSSM.StopAutomationExecution";
        Ok(self.aws.call(target, &body, Some(within), Some("done"), &job.secrets).map(drop)?)
    }

    fn every(&self) -> Duration {
        self.every.duration()
    }
}

/// The output of the action. A step may fail although the automation succeeds (`onFailure: Continue`).
fn output(status: &str, execution: &Value) -> Value {
    json!({
        "status": status,
        "outputs": execution.get("Outputs").cloned().unwrap_or_else(|| json!({})),
        "failed_steps": failed_steps(execution),
    })
}

fn failed_steps(execution: &Value) -> Vec<&str> {
    let steps = execution.get("StepExecutions").and_then(Value::as_array).into_iter().flatten();
    steps
        .filter(|step| {
            step.get("StepStatus").and_then(Value::as_str).is_some_and(|status| FAILED.contains(&status))
        })
        .filter_map(|step| step.get("StepName").and_then(Value::as_str))
        .collect()
}

impl Executor for Ssm {
    fn run(&self, job: &Job) -> Acted {
        follow(self, job)
    }

    fn begins_once(&self) -> bool {
        true
    }

    fn declared(&self, reference: &str) -> Option<Result<DeclaredReference, Reason>> {
        let secrets = Secrets::of_connection();
        let mut words = reference.split_whitespace();
        let document = words.next()?;
        let mut body = json!({ "Name": document });
        if let (Some(body), Some(version)) = (body.as_object_mut(), words.next()) {
            body.insert("DocumentVersion".into(), json!(version));
        }
        let answer = match self.aws.call("AmazonSSM.DescribeDocument", &body, None, None, &secrets) {
            Ok(answer) => answer,
            Err(error) if matches!(error.code.as_str(), "InvalidDocument" | "InvalidDocumentVersion") => {
                return Some(Ok(DeclaredReference::Missing));
            }
            Err(error) => return Some(Err(secrets.redact_reason(&error.reason))),
        };
        let Some(document) = answer.get("Document") else {
            let text = "Systems Manager answered without a `Document`";
            return Some(Err(Reason::new(ReasonKind::BadAnswer, text)));
        };
        let all = document.get("Parameters").and_then(Value::as_array).into_iter().flatten();
        let parameters = all.filter_map(|one| {
            let name = one.get("Name").and_then(Value::as_str)?.to_owned();
            Some(DeclaredParameter { name, needed: one.get("DefaultValue").is_none_or(Value::is_null) })
        });
        Some(Ok(DeclaredReference::Parameters(parameters.collect())))
    }

    fn parameter_name(&self, name: &str) -> String {
        self.parameter(name)
    }

    /// Looks at an execution that there is not: whoever may look hears that, and nobody else.
    fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        let body = json!({ "AutomationExecutionId": "00000000-0000-0000-0000-000000000000" });
        match self.aws.call("AmazonSSM.GetAutomationExecution", &body, None, None, &secrets) {
            Err(error) if error.code != "AutomationExecutionNotFoundException" => {
                Err(secrets.redact_reason(&error.reason))
            }
            Ok(_) | Err(_) => Ok("Systems Manager accepts the access key".into()),
        }
    }
}
