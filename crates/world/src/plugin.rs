//! Plug-ins: programs that get one JSON object on stdin and answer with one on stdout. Every family has a kind `exec`
//! that runs one.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rbl_check::{Key, KeyKind};
use rbl_project::setting::{Bytes, Seconds, Setting};
use rbl_runtime::{CommandLine, Datum, OutsideJsonError, Piece, Secrets, json_shown, json_text};
use rbl_syntax::one_line;
use rbl_syntax::value::{LARGEST_EXACT, Quantity, Reason, ReasonKind};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::executor::time_out;
use crate::http::JsonFault;
use crate::process::{
    Limited, NotEnded, Process, ProcessEnd, ProcessInput, ProcessResult, StreamCapture, Unattended,
};
use crate::{secrets, webhook};

/// The version of the protocol.
const PROTOCOL: u32 = 1;

/// Its program.
pub(crate) const COMMAND: Key = Key::needed(
    "command",
    KeyKind::Words,
    "the program and its arguments; it runs in the directory of `rbl.toml`",
);

/// Its environment.
pub(crate) const ENVIRONMENT: Key =
    Key::optional("environment", KeyKind::Settings, "none", "variables set for it, on top of those of `rbl`");

/// The part of its section that is the same in every family, apart from the time-out.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PluginConfig {
    command: Vec<String>,
    #[serde(default)]
    environment: BTreeMap<String, Setting>,
    #[serde(default = "crate::config_keys::ten_megabytes")]
    output: Bytes,
}

/// Why a plug-in did not answer.
#[derive(Debug)]
pub(crate) struct PluginFailure {
    /// The reason.
    pub(crate) reason: Reason,
    /// Whether it may have done what it was asked all the same.
    pub(crate) may_have_happened: bool,
}

impl PluginFailure {
    /// It answered something else than it should: what it did is unknown.
    pub(crate) fn unclear(reason: Reason) -> Self {
        Self { reason, may_have_happened: true }
    }

    /// The reason, which says so if it may have been `done` all the same.
    pub(crate) fn perhaps(self, done: &str) -> Reason {
        if self.may_have_happened { webhook::perhaps(done, &self.reason) } else { self.reason }
    }
}

/// It did nothing.
impl From<Reason> for PluginFailure {
    fn from(reason: Reason) -> Self {
        Self { reason, may_have_happened: false }
    }
}

/// For what only looks.
impl From<PluginFailure> for Reason {
    fn from(failure: PluginFailure) -> Self {
        failure.reason
    }
}

/// A plug-in.
#[derive(Debug)]
pub(crate) struct Plugin {
    config: PluginConfig,
    /// `None`: whoever waits for it ends it.
    timeout: Option<Seconds>,
    /// The time between SIGTERM and SIGKILL, when it is ended.
    grace: Duration,
    base: PathBuf,
}

impl Plugin {
    /// A plug-in that runs in this directory.
    pub(crate) fn new(config: PluginConfig, timeout: Option<Seconds>, grace: Duration, base: &Path) -> Self {
        Self { config, timeout, grace, base: base.to_owned() }
    }

    /// The directory of `rbl.toml`.
    pub(crate) fn base(&self) -> &Path {
        &self.base
    }

    /// The name of its program, for messages.
    pub(crate) fn name(&self) -> String {
        let program = self.config.command.first().map_or("", String::as_str);
        Path::new(program).file_name().map_or_else(|| program.into(), |name| name.to_string_lossy().into())
    }

    /// Asks a question of this kind, with these fields. The answer is a JSON object; an `error` in it is a reason.
    pub(crate) fn ask(&self, ask: &str, fields: Value, secrets: &Secrets) -> Result<Value, PluginFailure> {
        self.ask_within(self.timeout, ask, fields, secrets, Unattended::new(None))
    }

    /// Asks it to act, and waits for the answer in this way.
    pub(crate) fn act(
        &self,
        fields: Value,
        secrets: &Secrets,
        wait: Unattended<'_>,
    ) -> Result<Value, PluginFailure> {
        self.ask_within(self.timeout, "act", fields, secrets, wait)
    }

    fn ask_within(
        &self,
        timeout: Option<Seconds>,
        ask: &str,
        fields: Value,
        secrets: &Secrets,
        wait: Unattended<'_>,
    ) -> Result<Value, PluginFailure> {
        let mut question = json!({ "rbl": PROTOCOL, "ask": ask });
        if let (Some(question), Value::Object(fields)) = (question.as_object_mut(), fields) {
            question.extend(fields);
        }
        let answer = self.answer(timeout, &question, secrets, wait)?;
        match text(&answer, "error") {
            Some(error) => Err(Reason::new(ReasonKind::ProviderError, secrets.one_line(&error)).into()),
            None => Ok(answer),
        }
    }

    /// Asks whether it answers, without doing anything.
    pub(crate) fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        // Nobody ends a test.
        let timeout = self.timeout.unwrap_or(crate::config_keys::ten_seconds());
        let answer = self.ask_within(Some(timeout), "test", json!({}), &secrets, Unattended::new(None));
        let answer = answer.map_err(|failure| secrets.redact_reason(&failure.reason))?;
        // One that answers anything else did not understand the question: it may have done something.
        answer.get("name").and_then(Value::as_str).map(|name| secrets.one_line(name)).ok_or_else(|| {
            let text = format!("{} did not answer `\"ask\": \"test\"` with its `name`", self.name());
            Reason::new(ReasonKind::BadAnswer, text)
        })
    }

    fn answer(
        &self,
        timeout: Option<Seconds>,
        question: &Value,
        secrets: &Secrets,
        mut wait: Unattended<'_>,
    ) -> Result<Value, PluginFailure> {
        let program = self.config.command.first().map_or("", String::as_str);
        let (name, limit) = (self.name(), self.config.output.0);
        let mut line = question.to_string().into_bytes();
        line.push(b'\n');
        let process = Process {
            command: self.command(secrets)?,
            input: ProcessInput::Whole(line),
            until: until(timeout),
            ends_its_group: true,
            grace: self.grace,
            out: Limited::new(usize::try_from(limit).unwrap_or(usize::MAX)),
            err: StreamCapture::default(),
        };
        let ProcessResult { end, left, out, err } = match process.run(&mut wait) {
            Ok(ended) => ended,
            Err(NotEnded::NotStarted(error)) => {
                let why = rbl_syntax::io_error::starting(&error);
                return Err(Reason::new(ReasonKind::Unreachable, format!("{program}: {why}")).into());
            }
            Err(NotEnded::Halted { left, .. }) => {
                return Err(PluginFailure::unclear(time_out(format!("{name} was stopped"), &left)));
            }
        };
        let said = last_line(&secrets.redact(&err.text(secrets).0));
        let with = |text: String| if said.is_empty() { text } else { format!("{text}: {said}") };
        let unclear = |kind, text: String| PluginFailure::unclear(Reason::new(kind, with(text)));
        let bad = |text: String| unclear(ReasonKind::BadAnswer, format!("{name} {text}"));
        match end {
            ProcessEnd::Exit(status) => match (status.code(), status.signal()) {
                (Some(0), _) => {}
                // It says itself that it failed.
                (Some(code), _) => {
                    let text = with(format!("{name} ended with exit code {code}"));
                    return Err(Reason::new(ReasonKind::ProviderError, text).into());
                }
                (None, signal) => {
                    let text = format!("{name} was ended by signal {}", signal.unwrap_or(0));
                    return Err(unclear(ReasonKind::ProviderError, text));
                }
            },
            ProcessEnd::Unknown => {
                return Err(unclear(ReasonKind::ProviderError, format!("how {name} ended is unknown")));
            }
            ProcessEnd::TimedOut => {
                let within = Quantity::seconds(timeout.map_or(0.0, |timeout| timeout.0));
                let text = with(format!("no answer from {name} within {within}"));
                return Err(PluginFailure::unclear(time_out(text, &left)));
            }
            ProcessEnd::Full => {}
        }
        let Some(stdout) = out.whole() else { return Err(bad(format!("printed more than {limit} bytes"))) };
        if stdout.trim_ascii().is_empty() {
            return Err(bad("answered with nothing".into()));
        }
        match rbl_runtime::json_with_digits(&stdout) {
            Ok(answer @ Value::Object(_)) => Ok(answer),
            Err(why @ OutsideJsonError::Repeated(_)) => {
                Err(bad(format!("answered with {}", JsonFault::from(why))))
            }
            Ok(_) | Err(_) => Err(bad("did not answer with one JSON object".into())),
        }
    }

    fn command(&self, secrets: &Secrets) -> Result<Command, Reason> {
        let (program, arguments) = self
            .config
            .command
            .split_first()
            .ok_or_else(|| Reason::new(ReasonKind::Unreachable, "the command is empty"))?;
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
        Ok(command)
    }
}

fn until(timeout: Option<Seconds>) -> Instant {
    let longest = Duration::from_hours(24 * 365);
    Instant::now() + timeout.map_or(longest, Seconds::duration).min(longest)
}

/// A field of an answer as text; another JSON value as it is written.
pub(crate) fn text(answer: &Value, key: &str) -> Option<String> {
    answer
        .get(key)
        .filter(|value| !value.is_null())
        .map(|value| json_text(value).map_or_else(|| json_shown(value), str::to_owned))
}

/// A text with values in it: whole, and as pieces that separate the author's text from the values. `reveal` reads
/// secrets.
pub(crate) fn pieces(
    line: &CommandLine,
    mut reveal: impl FnMut(&Datum) -> Result<Datum, Reason>,
) -> Result<(String, Vec<Value>), Reason> {
    let mut pieces = Vec::new();
    let mut joined = String::new();
    for piece in &line.0 {
        match piece {
            Piece::Text(text) => {
                joined.push_str(text);
                pieces.push(json!({ "text": text }));
            }
            Piece::Value(datum) => {
                let datum = reveal(datum)?;
                joined.push_str(&datum.shown());
                pieces.push(json!({ "value": plain(&datum) }));
            }
        }
    }
    Ok((joined, pieces))
}

/// A value as JSON, as it leaves the run. A whole number has no fraction: many readers tell the two apart.
pub(crate) fn plain(datum: &Datum) -> Value {
    match datum {
        Datum::Text(text) => json!(text),
        Datum::Number(value)
        | Datum::Duration(value)
        | Datum::Reading { number: value, .. }
        | Datum::Data(value) => number(*value),
        // JSON has numbers of any length, and most of its readers have not: what a number of 64 bits cannot hold, or what is
        // no number in JSON (`007`), is a text. The spelling of any other makes no difference.
        Datum::ExactNumber(digits) => {
            let parsed = serde_json::from_str::<serde_json::Number>(digits.as_str()).ok();
            match parsed {
                Some(whole) if whole.to_string() == digits.as_str() => Value::Number(whole),
                Some(_) if digits.is_exact() => number(digits.nearest()),
                Some(_) | None => json!(digits.as_str()),
            }
        }
        Datum::Bool(value) => json!(value),
        Datum::List(items) => items.iter().map(plain).collect(),
        // INVARIANT: every secret was read before.
        Datum::Secret(_) => Value::Null,
    }
}

/// `3`, not `3.0`.
fn number(value: f64) -> Value {
    // CAST: whole, and no larger than what a float holds exactly.
    #[allow(clippy::cast_possible_truncation)]
    let whole = || value as i64;
    if value.fract() == 0.0 && value.abs() <= LARGEST_EXACT { json!(whole()) } else { json!(value) }
}

fn last_line(stderr: &str) -> String {
    stderr.lines().rev().find(|line| !line.trim().is_empty()).map(one_line).unwrap_or_default()
}
