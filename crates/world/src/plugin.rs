//! Plug-ins: programs that get one JSON object on stdin and answer with one on stdout. Every family has a kind `exec`
//! that runs one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rbl_check::{Key, KeyKind};
use rbl_project::setting::{Bytes, Seconds, Setting};
use rbl_runtime::{CommandLine, Datum, Piece, Secrets};
use rbl_syntax::one_line;
use rbl_syntax::value::{Quantity, Reason, ReasonKind};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::process::{
    Limited, NotEnded, Process, ProcessEnd, ProcessInput, ProcessResult, StreamCapture, Unattended,
};
use crate::secrets;

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

    /// Asks a question of this kind, with these fields. The answer is a JSON object; an `error` in it is a reason. It is
    /// ended when `stopped` returns true.
    pub(crate) fn ask(
        &self,
        ask: &str,
        fields: Value,
        secrets: &Secrets,
        stopped: Option<&dyn Fn() -> bool>,
    ) -> Result<Value, Reason> {
        self.ask_within(self.timeout, ask, fields, secrets, stopped)
    }

    fn ask_within(
        &self,
        timeout: Option<Seconds>,
        ask: &str,
        fields: Value,
        secrets: &Secrets,
        stopped: Option<&dyn Fn() -> bool>,
    ) -> Result<Value, Reason> {
        let mut question = json!({ "rbl": PROTOCOL, "ask": ask });
        if let (Some(question), Value::Object(fields)) = (question.as_object_mut(), fields) {
            question.extend(fields);
        }
        let answer = self.answer(timeout, &question, secrets, stopped)?;
        match text(&answer, "error") {
            Some(error) => Err(Reason::new(ReasonKind::ProviderError, secrets.one_line(&error))),
            None => Ok(answer),
        }
    }

    /// Asks whether it answers, without doing anything.
    pub(crate) fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        // Nobody ends a test.
        let timeout = self.timeout.unwrap_or(crate::config_keys::ten_seconds());
        let answer = self.ask_within(Some(timeout), "test", json!({}), &secrets, None);
        let answer = answer.map_err(|reason| secrets.redact_reason(&reason))?;
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
        stopped: Option<&dyn Fn() -> bool>,
    ) -> Result<Value, Reason> {
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
        let ProcessResult { end, out, err } = match process.run(&mut Unattended::new(stopped)) {
            Ok(ended) => ended,
            Err(NotEnded::NotStarted(error)) => {
                let why = rbl_syntax::io_error::starting(&error);
                return Err(Reason::new(ReasonKind::Unreachable, format!("{program}: {why}")));
            }
            Err(NotEnded::Halted(_)) => {
                return Err(Reason::new(ReasonKind::TimedOut, format!("{name} was stopped")));
            }
        };
        let said = last_line(&secrets.redact(&err.text().0));
        let reason = |kind, text: String| {
            Reason::new(kind, if said.is_empty() { text } else { format!("{text}: {said}") })
        };
        let bad = |text: String| reason(ReasonKind::BadAnswer, format!("{name} {text}"));
        match end {
            ProcessEnd::Exit(status) => {
                ended_well(status, &name).map_err(|text| reason(ReasonKind::ProviderError, text))?;
            }
            ProcessEnd::Unknown => {
                return Err(reason(ReasonKind::ProviderError, format!("how {name} ended is unknown")));
            }
            ProcessEnd::TimedOut => {
                let within = Quantity::seconds(timeout.map_or(0.0, |timeout| timeout.0));
                return Err(reason(ReasonKind::TimedOut, format!("no answer from {name} within {within}")));
            }
            ProcessEnd::Full => {}
        }
        let Some(stdout) = out.whole() else { return Err(bad(format!("printed more than {limit} bytes"))) };
        if stdout.trim_ascii().is_empty() {
            return Err(bad("answered with nothing".into()));
        }
        match serde_json::from_slice(&stdout) {
            Ok(answer @ Value::Object(_)) => Ok(answer),
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

fn ended_well(status: std::process::ExitStatus, name: &str) -> Result<(), String> {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(()),
        (Some(code), _) => Err(format!("{name} ended with exit code {code}")),
        (None, signal) => Err(format!("{name} was ended by signal {}", signal.unwrap_or(0))),
    }
}

/// A field of an answer as text; another JSON value as it is written.
pub(crate) fn text(answer: &Value, key: &str) -> Option<String> {
    answer
        .get(key)
        .filter(|value| !value.is_null())
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
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

/// A value as JSON: durations in seconds, amounts of data in bytes.
pub(crate) fn plain(datum: &Datum) -> Value {
    match datum {
        Datum::Text(text) => json!(text),
        Datum::Number(value) | Datum::Duration(value) | Datum::Data(value) => json!(value),
        Datum::Bool(value) => json!(value),
        Datum::List(items) => items.iter().map(plain).collect(),
        // INVARIANT: every secret was read before.
        Datum::Secret(_) => Value::Null,
    }
}

fn last_line(stderr: &str) -> String {
    stderr.lines().rev().find(|line| !line.trim().is_empty()).map(one_line).unwrap_or_default()
}
