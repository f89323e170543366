//! The executor `exec`: a plug-in program that does the action.

use std::path::Path;
use std::sync::Arc;

use rbl_check::{Contract, Family, Key, KeyKind, KindDescription};
use rbl_project::setting::Seconds;
use rbl_runtime::Acted;
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Executor, Job};
use crate::plugin::{self, Plugin, PluginFailure};
use crate::process::{GRACE, Unattended};
use crate::registry::ConnectionKind;
use crate::{config_keys, delivery};

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
        kind: "exec",
        summary: "a program of your own does it, one JSON object in and one out",
        metrics: &[],
        contract: Contract::Own,
        keys: &[plugin::COMMAND, TIMEOUT, plugin::ENVIRONMENT, config_keys::OUTPUT],
    },
    configure: |section, base| {
        Ok(Arc::new(ExecExecutor::new(ExecExecutorConfig::deserialize(section)?, base)))
    },
};

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct ExecExecutorConfig {
    #[serde(flatten)]
    plugin: plugin::PluginConfig,
    timeout: Option<Seconds>,
}

/// Acts by a program.
#[derive(Debug)]
struct ExecExecutor(Plugin);

impl ExecExecutor {
    fn new(config: ExecExecutorConfig, base: &Path) -> Self {
        Self(Plugin::new(config.plugin, config.timeout, GRACE, base))
    }

    fn answer(&self, job: &Job) -> Result<String, PluginFailure> {
        let question = question(job)?;
        let answer = self.0.act(
            question,
            &job.secrets,
            Unattended::new(Some(&|| job.stopped())).noting(job.note.as_ref()),
        )?;
        let output = plugin::text(&answer, "output").unwrap_or_default();
        if answer.get("ok") == Some(&Value::Bool(true)) {
            return Ok(output);
        }
        let text = format!("{} did not answer `\"ok\": true`", self.0.name());
        let reason = Reason::new(ReasonKind::BadAnswer, text);
        // Anything but a plain no leaves open what it did.
        Err(PluginFailure { reason, may_have_happened: answer.get("ok") != Some(&Value::Bool(false)) })
    }
}

fn question(job: &Job) -> Result<Value, Reason> {
    let (reference, pieces) = plugin::pieces(&job.reference, |datum| job.reveal(datum))?;
    let mut arguments = Map::new();
    for argument in &job.arguments {
        arguments.insert(argument.name.to_string(), plugin::plain(&job.reveal(&argument.value)?));
    }
    let act = &job.act;
    Ok(json!({
        "reference": reference,
        "pieces": pieces,
        "arguments": arguments,
        "action": act.call.as_ref().map(|call| call.name.as_str()),
        "title": act.title,
        "host": act.host,
        "key": act.key,
        "run": delivery::run_of(&act.key),
        "attempt": act.attempt,
        "tries": act.tries,
        "within": act.within,
    }))
}

impl Executor for ExecExecutor {
    fn run(&self, job: &Job) -> Acted {
        job.acted(self.answer(job).map_err(|failure| failure.perhaps("done")))
    }

    fn test(&self) -> Result<String, Reason> {
        self.0.test()
    }
}
