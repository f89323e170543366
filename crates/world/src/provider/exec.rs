//! The provider `exec`: a plug-in program that gets the question as one JSON object on stdin and answers with one on
//! stdout.

use crate::registry::Kind;
use rbl_check::{Family, Key, KeyKind, KindDescription};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::measured::Measured;
use super::process::{self, End};
use super::{Provider, keys, without_secrets};
use crate::secrets;
use rbl_project::setting::{Bytes, Seconds, Setting};
use rbl_runtime::{Datum, Piece, Read, ReadTime, Reading, Secrets};
use rbl_syntax::one_line;
use rbl_syntax::value::{Quantity, Reason, ReasonKind, Time};

/// Its entry in the registry.
pub(super) const KIND: Kind<dyn Provider> = Kind {
    description: KindDescription {
        family: Family::Provider,
        kind: "exec",
        summary: "a program of your own, one JSON object in and one out",
        keys: &[
            Key::needed(
                "command",
                KeyKind::Words,
                "the program and its arguments; it runs in the directory of `rbl.toml`",
            ),
            keys::TIMEOUT,
            keys::MAX_AGE,
            Key::optional(
                "environment",
                KeyKind::Settings,
                "none",
                "variables set for it, on top of those of `rbl`",
            ),
            keys::OUTPUT,
        ],
    },
    configure: |section, base| Ok(Arc::new(Exec::new(Config::deserialize(section)?, base))),
};

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct Config {
    command: Vec<String>,
    #[serde(default = "keys::ten_seconds")]
    timeout: Seconds,
    max_age: Option<Seconds>,
    #[serde(default)]
    environment: std::collections::BTreeMap<String, Setting>,
    #[serde(default = "keys::ten_megabytes")]
    output: Bytes,
}

#[derive(Debug)]
struct Exec {
    config: Config,
    base: PathBuf,
}

impl Exec {
    fn new(config: Config, base: &Path) -> Self {
        Self { config, base: base.to_owned() }
    }

    fn ask(&self, question: &Value, secrets: &Secrets) -> Result<Value, Reason> {
        let (program, arguments) = self
            .config
            .command
            .split_first()
            .ok_or_else(|| Reason::new(ReasonKind::Unreachable, "the command is empty"))?;
        let name =
            Path::new(program).file_name().map_or_else(|| program.into(), |name| name.to_string_lossy());
        // A path with a slash is relative to the configuration's directory, wherever `rbl` was started.
        // Absolute: a relative one would be resolved in the directory in which the program is started.
        let base = std::path::absolute(&self.base).unwrap_or_else(|_| self.base.clone());
        let found = if program.contains('/') { base.join(program) } else { PathBuf::from(program) };
        let mut command = Command::new(found);
        command.args(arguments);
        if !self.base.as_os_str().is_empty() {
            command.current_dir(&self.base);
        }
        for (variable, setting) in &self.config.environment {
            command.env(variable, secrets::setting(secrets, setting, &self.base)?);
        }
        let mut line = question.to_string().into_bytes();
        line.push(b'\n');
        let limit = usize::try_from(self.config.output.0).unwrap_or(usize::MAX);
        let ended = process::run(command, line, self.config.timeout.duration(), limit).map_err(|error| {
            let why = rbl_syntax::io_error::starting(&error);
            Reason::new(ReasonKind::Unreachable, format!("{program}: {why}"))
        })?;
        let said = last_line(&ended.stderr, secrets);
        let with = |text: String| if said.is_empty() { text } else { format!("{text}: {said}") };
        match ended.end {
            End::Exit(0) => {}
            End::Exit(code) => {
                return Err(Reason::new(
                    ReasonKind::ProviderError,
                    with(format!("{name} ended with exit code {code}")),
                ));
            }
            End::Signal(signal) => {
                return Err(Reason::new(
                    ReasonKind::ProviderError,
                    with(format!("{name} was ended by signal {signal}")),
                ));
            }
            End::TimedOut => {
                let within = Quantity::seconds(self.config.timeout.0);
                let text = with(format!("no answer from {name} within {within}"));
                return Err(Reason::new(ReasonKind::TimedOut, text));
            }
        }
        let bad = |text: &str| Reason::new(ReasonKind::BadAnswer, with(format!("{name} {text}")));
        if ended.cut {
            return Err(bad(&format!("printed more than {} bytes", self.config.output.0)));
        }
        if ended.stdout.trim_ascii().is_empty() {
            return Err(bad("answered with nothing"));
        }
        let answer: Value =
            serde_json::from_slice(&ended.stdout).map_err(|_| bad("did not answer with one JSON object"))?;
        if answer.is_object() { Ok(answer) } else { Err(bad("did not answer with one JSON object")) }
    }

    fn answer(&self, read: &Read, now: Time, secrets: &Secrets) -> Result<Reading, Reason> {
        let mut pieces = Vec::new();
        let mut joined = String::new();
        for piece in &read.query.0 {
            match piece {
                Piece::Text(text) => {
                    joined.push_str(text);
                    pieces.push(json!({ "text": text }));
                }
                Piece::Value(datum) => {
                    let datum = secrets::reveal(secrets, datum, &self.base)?;
                    joined.push_str(&datum.shown());
                    pieces.push(json!({ "value": plain(&datum) }));
                }
            }
        }
        let question = json!({
            "rbl": 1,
            "ask": "read",
            "metric": read.metric,
            "query": joined,
            "pieces": pieces,
            "by": read.by,
            "now": now.unix(),
            "time": time(read.time),
        });
        let answer = self.ask(&question, secrets)?;
        let text = |key: &str| {
            answer.get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        if let Some(error) = text("error") {
            return Err(Reason::new(ReasonKind::ProviderError, secrets.one_line(&error)));
        }
        if let Some(unknown) = text("unknown") {
            return Err(Reason::new(ReasonKind::NoData, secrets.one_line(&unknown)));
        }
        let not_one =
            |reason: Reason| Reason::new(ReasonKind::BadAnswer, format!("the answer is {}", reason.text));
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
        let mut measured = Measured::of(given).map_err(not_one)?;
        measured.step = answer.get("step").and_then(Value::as_f64).filter(|step| *step > 0.0);
        let warnings = answer.get("warnings").and_then(Value::as_array).into_iter().flatten();
        let warnings: Vec<String> =
            warnings.filter_map(Value::as_str).map(|text| secrets.one_line(text)).collect();
        // A plug-in's answer for a point in time counts as of then: the question named that time.
        let as_of = if let ReadTime::At(_) = read.time { ReadTime::Now } else { read.time };
        let reading = measured.reading(as_of, at(read.time, now), None, self.config.max_age)?;
        Ok(Reading { warnings, ..reading })
    }
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

/// A value as JSON: durations in seconds, amounts of data in bytes.
fn plain(datum: &Datum) -> Value {
    match datum {
        Datum::Text(text) => json!(text),
        Datum::Number(value) | Datum::Duration(value) | Datum::Data(value) => json!(value),
        Datum::Bool(value) => json!(value),
        Datum::List(items) => items.iter().map(plain).collect(),
        // INVARIANT: `reveal` has read every secret.
        Datum::Secret(_) => Value::Null,
    }
}

fn last_line(stderr: &[u8], secrets: &Secrets) -> String {
    let text = secrets.redact(&String::from_utf8_lossy(stderr));
    text.lines().rev().find(|line| !line.trim().is_empty()).map(one_line).unwrap_or_default()
}

impl Provider for Exec {
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason> {
        let secrets = Secrets::of_connection();
        let result = self.answer(read, now, &secrets);
        without_secrets(result, &secrets)
    }

    fn time_out(&self) -> Option<std::time::Duration> {
        Some(self.config.timeout.duration())
    }

    fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        let answer = self
            .ask(&json!({ "rbl": 1, "ask": "test" }), &secrets)
            .map_err(|reason| secrets.redact_reason(&reason))?;
        let said = |key: &str| answer.get(key).and_then(Value::as_str).map(|text| secrets.one_line(text));
        if let Some(error) = said("error") {
            return Err(Reason::new(ReasonKind::ProviderError, error));
        }
        Ok(said("name").unwrap_or_else(|| "the plug-in answers".to_owned()))
    }
}
