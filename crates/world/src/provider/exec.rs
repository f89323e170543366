//! The provider `exec`: a plug-in program that gets the question as one JSON object on stdin and answers with one on
//! stdout.

use crate::registry::ConnectionKind;
use rbl_check::{Contract, Family, KindDescription};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::measured::Measurements;
use super::partial::{PARTIAL, Partial};
use super::reported::{ReportedTexts, lines};
use super::{Provider, without_secrets};
use crate::config_keys;
use crate::plugin::{self, Plugin};
use crate::secrets;
use rbl_project::setting::Seconds;
use rbl_runtime::{Read, ReadTime, Reading, Secrets};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Reason, ReasonKind, Time};

/// Its entry in the registry.
pub(super) const KIND: ConnectionKind<dyn Provider> = ConnectionKind {
    description: KindDescription {
        family: Family::Provider,
        kind: "exec",
        summary: "a program of your own, one JSON object in and one out",
        metrics: &[MetricType::Number, MetricType::Text, MetricType::Lines],
        contract: Contract::Own,
        keys: &[
            plugin::COMMAND,
            config_keys::TIMEOUT,
            config_keys::MAX_AGE,
            PARTIAL,
            plugin::ENVIRONMENT,
            config_keys::OUTPUT,
        ],
    },
    configure: |section, base| {
        Ok(Arc::new(ExecProvider::new(ExecProviderConfig::deserialize(section)?, base)))
    },
};

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct ExecProviderConfig {
    #[serde(flatten)]
    plugin: plugin::PluginConfig,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
    max_age: Option<Seconds>,
    #[serde(default)]
    partial: Partial,
}

#[derive(Debug)]
struct ExecProvider {
    plugin: Plugin,
    timeout: Seconds,
    max_age: Option<Seconds>,
    partial: Partial,
}

impl ExecProvider {
    fn new(config: ExecProviderConfig, base: &Path) -> Self {
        let ExecProviderConfig { plugin, timeout, max_age, partial } = config;
        // Nothing that only looks needs time to clean up.
        Self { plugin: Plugin::new(plugin, Some(timeout), Duration::ZERO, base), timeout, max_age, partial }
    }

    fn answer(&self, read: &Read, now: Time, secrets: &Secrets) -> Result<Reading, Reason> {
        let (joined, pieces) =
            plugin::pieces(&read.query, |datum| secrets::reveal(secrets, datum, self.plugin.base()))?;
        let question = json!({
            "metric": read.metric,
            "type": read.of,
            "query": joined,
            "pieces": pieces,
            "by": read.by,
            "now": now.unix(),
            "time": time(read.time),
        });
        let answer = self.plugin.ask("read", question, secrets)?;
        if let Some(unknown) = plugin::text(&answer, "unknown") {
            return Err(Reason::new(ReasonKind::NoData, secrets.one_line(&unknown)));
        }
        let warnings = self.warnings(&answer, secrets)?;
        let not_one =
            |reason: Reason| Reason::new(ReasonKind::BadAnswer, format!("the answer is {}", reason.text));
        match read.of {
            MetricType::Number | MetricType::Unknown => {}
            MetricType::Text => {
                let texts = ReportedTexts::of(given(&answer, "samples")?).map_err(not_one)?;
                return Ok(Reading { warnings, ..texts.reading(now, None, self.max_age)? });
            }
            MetricType::Lines => {
                let lines = lines(given(&answer, "lines")?).map_err(not_one)?;
                return Ok(Reading { warnings, lines, ..Reading::default() });
            }
        }
        let key = match read.time {
            ReadTime::Window { .. } => "series",
            ReadTime::Now | ReadTime::At(_) => "samples",
        };
        let Some(given) = answer.get(key) else {
            if matches!(read.time, ReadTime::Window { .. }) && answer.get("samples").is_some() {
                return Err(Reason::new(
                    ReasonKind::NoHistory,
                    "the plug-in answers with the newest value only",
                ));
            }
            return Err(Reason::new(ReasonKind::BadAnswer, format!("the answer has no `{key}`")));
        };
        if !given.is_array() {
            return Err(Reason::new(ReasonKind::BadAnswer, format!("`{key}` in the answer is not a list")));
        }
        let mut measured = Measurements::of(given).map_err(not_one)?;
        measured.step = answer.get("step").and_then(Value::as_f64).filter(|step| *step > 0.0);
        // A plug-in's answer for a point in time counts as of then: the question named that time.
        let as_of = if let ReadTime::At(_) = read.time { ReadTime::Now } else { read.time };
        let reading = measured.reading(as_of, at(read.time, now), None, self.max_age)?;
        Ok(Reading { warnings, ..reading })
    }

    /// The warnings of an answer; with `"partial": true` they say what is missing.
    fn warnings(&self, answer: &Value, secrets: &Secrets) -> Result<Vec<String>, Reason> {
        let warnings = answer.get("warnings").and_then(Value::as_array).into_iter().flatten();
        let warnings: Vec<String> =
            warnings.filter_map(Value::as_str).map(|text| secrets.one_line(text)).collect();
        match answer.get("partial") {
            None | Some(Value::Null | Value::Bool(false)) => Ok(warnings),
            Some(Value::Bool(true)) if warnings.is_empty() => {
                self.partial.judge(vec!["the plug-in says so itself".to_owned()])
            }
            Some(Value::Bool(true)) => self.partial.judge(warnings),
            Some(_) => {
                Err(Reason::new(ReasonKind::BadAnswer, "`partial` in the answer is neither true nor false"))
            }
        }
    }
}

/// What an answer has under a key; without it, it is not an answer.
fn given<'a>(answer: &'a Value, key: &str) -> Result<&'a Value, Reason> {
    answer.get(key).ok_or_else(|| Reason::new(ReasonKind::BadAnswer, format!("the answer has no `{key}`")))
}

const fn at(read: ReadTime, now: Time) -> Time {
    match read {
        ReadTime::At(at) => at,
        ReadTime::Now | ReadTime::Window { .. } => now,
    }
}

fn time(time: ReadTime) -> Value {
    match time {
        ReadTime::Now => json!("now"),
        ReadTime::At(at) => json!({ "at": at.unix() }),
        ReadTime::Window { end, seconds } => json!({ "start": end.unix() - seconds, "end": end.unix() }),
    }
}

impl Provider for ExecProvider {
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason> {
        let secrets = Secrets::of_connection();
        let result = self.answer(read, now, &secrets);
        without_secrets(result, &secrets)
    }

    fn time_out(&self) -> Option<std::time::Duration> {
        Some(self.timeout.duration())
    }

    fn test(&self) -> Result<String, Reason> {
        self.plugin.test()
    }
}
