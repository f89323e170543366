//! [`Tool`]: a program of the system that is asked something and answers on stdout, like `kubectl` and `systemctl`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rbl_runtime::Secrets;
use rbl_syntax::one_line;
use rbl_syntax::value::{Quantity, Reason, ReasonKind};

use crate::process::{
    Limited, NotEnded, Process, ProcessEnd, ProcessInput, ProcessResult, StreamCapture, Unattended,
};

/// The largest answer, in bytes.
const LIMIT: usize = 50_000_000;

/// A program and its first arguments, in the directory of `rbl.toml`.
#[derive(Debug)]
pub(crate) struct Tool {
    command: Vec<String>,
    base: PathBuf,
    timeout: Duration,
}

/// What it said.
#[derive(Debug)]
pub(crate) struct ToolOutput {
    /// Its exit code.
    pub(crate) code: i32,
    /// Its standard output, whole.
    pub(crate) out: Vec<u8>,
    /// Its standard error, without secrets.
    pub(crate) err: String,
}

impl Tool {
    /// A tool that answers in this time.
    pub(crate) fn new(command: Vec<String>, timeout: Duration, base: &Path) -> Self {
        Self { command, base: base.to_owned(), timeout }
    }

    /// The directory of `rbl.toml`.
    pub(crate) fn base(&self) -> &Path {
        &self.base
    }

    /// The longest time of an answer.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The name of the program, for messages.
    pub(crate) fn name(&self) -> String {
        let program = self.command.first().map_or("", String::as_str);
        Path::new(program).file_name().map_or_else(|| program.into(), |name| name.to_string_lossy().into())
    }

    /// Runs it with these arguments. It only looks, so it is ended without grace when the time is over.
    ///
    /// Errors: it did not run to its end, or printed too much.
    pub(crate) fn ask(&self, arguments: &[String], secrets: &Secrets) -> Result<ToolOutput, Reason> {
        let name = self.name();
        let process = Process {
            command: self.prepared(arguments)?,
            input: ProcessInput::None,
            until: Instant::now() + self.timeout,
            ends_its_group: true,
            grace: Duration::ZERO,
            out: Limited::new(LIMIT),
            err: StreamCapture::default(),
        };
        let ProcessResult { end, out, err, .. } =
            process.run(&mut Unattended::new(None)).map_err(|error| match error {
                NotEnded::NotStarted(error) => {
                    let why = rbl_syntax::io_error::starting(&error);
                    Reason::new(ReasonKind::Unreachable, format!("{name}: {why}"))
                }
                NotEnded::Halted { .. } => Reason::new(ReasonKind::NotRun, format!("{name} was stopped")),
            })?;
        let err = secrets.redact(&err.text(secrets).0).trim().to_owned();
        match end {
            ProcessEnd::Exit(status) => {
                let Some(code) = status.code() else {
                    let text = format!("{name} was ended by a signal");
                    return Err(Reason::new(ReasonKind::ProviderError, text));
                };
                let out = out.whole().ok_or_else(|| too_much(&name))?;
                Ok(ToolOutput { code, out, err })
            }
            ProcessEnd::Unknown => {
                Err(Reason::new(ReasonKind::ProviderError, format!("how {name} ended is unknown")))
            }
            ProcessEnd::TimedOut => {
                let within = Quantity::seconds(self.timeout.as_secs_f64());
                let said = last_line(&err);
                let said = if said.is_empty() { said } else { format!(": {said}") };
                let text = format!("no answer from {name} within {within}{said}");
                Err(Reason::new(ReasonKind::TimedOut, text))
            }
            ProcessEnd::Full => Err(too_much(&name)),
        }
    }

    /// The command with these arguments, in the directory of `rbl.toml`. Errors: it is empty.
    pub(crate) fn prepared(&self, arguments: &[String]) -> Result<Command, Reason> {
        let Some((program, first)) = self.command.split_first() else {
            return Err(Reason::new(ReasonKind::Unreachable, "the command is empty"));
        };
        // A path with a slash is relative to the directory of `rbl.toml`, wherever `rbl` was started.
        let base = std::path::absolute(&self.base).unwrap_or_else(|_| self.base.clone());
        let found = if program.contains('/') { base.join(program) } else { PathBuf::from(program) };
        let mut command = Command::new(found);
        command.args(first).args(arguments);
        if !self.base.as_os_str().is_empty() {
            command.current_dir(&self.base);
        }
        // Its words are read here.
        command.env("LC_ALL", "C");
        Ok(command)
    }
}

fn too_much(name: &str) -> Reason {
    Reason::new(ReasonKind::BadAnswer, format!("{name} printed more than {LIMIT} bytes"))
}

/// The last line of what a tool complains about.
pub(crate) fn last_line(text: &str) -> String {
    text.lines().rev().find(|line| !line.trim().is_empty()).map(one_line).unwrap_or_default()
}
