//! [`CommandOutput`]: how a command ended, what it printed, and how much of that is data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::output_lines::lines;
use super::partial::PartialText;
use super::{Reason, ReasonKind, Value, Verdict};
use crate::harmless;

/// How a command ended and what it printed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct CommandOutput {
    /// Its exit code; `None` if it did not exit by itself.
    pub status: Option<i32>,
    /// Why there is no exit code: a signal, a time-out, a program that could not be started.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trouble: Option<Reason>,
    /// Its stdout; of a longer one than the limit, the beginning. Bytes that are not UTF-8 are U+FFFD.
    pub stdout: String,
    /// Its stderr, in the same way.
    pub stderr: String,
    /// What was cut from its stdout.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stdout_cut: Option<OutputCut>,
    /// What was cut from its stderr.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stderr_cut: Option<OutputCut>,
    /// The exit codes that mean *no* (`no on 7, 22`); empty: exit code 1 with nothing on stderr.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub no_on: Vec<i32>,
}

/// A stream longer than the limit: what is missing, and what follows the missing part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OutputCut {
    /// The number of bytes that are missing.
    pub bytes: u64,
    /// The text behind them, to the end of the stream.
    pub end: String,
}

impl OutputCut {
    /// The line that stands for the missing part where the output is shown.
    pub fn marker(&self) -> String {
        format!("[… {} bytes were cut …]", self.bytes)
    }

    /// Why what needs the missing part is unknown.
    pub fn reason(&self) -> Reason {
        Reason::new(ReasonKind::Cut, format!("{} bytes were cut", self.bytes))
    }
}

impl CommandOutput {
    /// Yes on exit code 0. No on a code of `no on`; where there is none, on exit code 1 with nothing on stderr.
    /// Everything else is unknown, with its own reason.
    pub fn verdict(&self) -> Verdict {
        let unknown = |text: String| Verdict::unknown(Reason::new(ReasonKind::ProbeFailed, text));
        match (&self.trouble, self.status) {
            (_, Some(code)) if code != 0 && self.no_on.contains(&code) => Verdict::No,
            (Some(reason), _) => Verdict::unknown(reason.clone()),
            (None, Some(0)) => Verdict::Yes,
            (None, Some(1)) if self.no_on.is_empty() && !self.has_errors() => Verdict::No,
            (None, Some(code)) => unknown(self.exit_words(code)),
            (None, None) => unknown("it did not end by itself".into()),
        }
    }

    /// Whether it printed anything on stderr.
    fn has_errors(&self) -> bool {
        self.stderr_cut.is_some() || !harmless::clean(&self.stderr).trim().is_empty()
    }

    /// The number of bytes that were cut from both streams.
    pub fn cut(&self) -> u64 {
        [&self.stdout_cut, &self.stderr_cut].into_iter().flatten().map(|cut| cut.bytes).sum()
    }

    /// "exit code 127: sh: 1: nope: not found"
    pub fn exit_words(&self, code: i32) -> String {
        let printed = || last_line(self.stdout_cut.as_ref().map_or(&self.stdout, |cut| &cut.end));
        match self.last_error().or_else(printed) {
            Some(line) => format!("exit code {code}: {line}"),
            None => format!("exit code {code}"),
        }
    }

    /// The last line of stderr that is not blank.
    pub fn last_error(&self) -> Option<String> {
        last_line(self.stderr_cut.as_ref().map_or(&self.stderr, |cut| &cut.end))
    }

    /// Why what it printed is not data: it is data only where the exit code says yes or no.
    fn failure(&self) -> Option<Value> {
        match self.verdict() {
            Verdict::Yes | Verdict::No => None,
            Verdict::Unknown(reason) => Some(Value::Unknown(reason)),
        }
    }

    /// `.text`: its stdout, trimmed, without colour codes; unknown where the command failed.
    pub fn text(&self) -> Value {
        self.failure().unwrap_or_else(|| data(&self.stdout, self.stdout_cut.as_ref()))
    }

    /// `.lines`: the lines of its stdout; unknown where the command failed.
    pub fn lines(&self) -> Value {
        self.failure().unwrap_or_else(|| lines(&self.stdout, self.stdout_cut.as_ref()))
    }

    /// `.stderr`: always there, trimmed, without colour codes.
    pub fn errors(&self) -> Value {
        data(&self.stderr, self.stderr_cut.as_ref())
    }

    /// Its stdout for people, with a line that stands for a missing part.
    pub fn shown(&self) -> String {
        shown(&self.stdout, self.stdout_cut.as_ref())
    }

    /// Its stderr for people, with a line that stands for a missing part.
    pub fn shown_errors(&self) -> String {
        shown(&self.stderr, self.stderr_cut.as_ref())
    }

    /// Changes every text of it.
    pub fn map_texts(&mut self, change: impl Fn(&str) -> String) {
        self.stdout = change(&self.stdout);
        self.stderr = change(&self.stderr);
        for cut in [&mut self.stdout_cut, &mut self.stderr_cut].into_iter().flatten() {
            cut.end = change(&cut.end);
        }
        if let Some(reason) = &mut self.trouble {
            reason.text = change(&reason.text);
        }
    }
}

/// The text of a stream as a value.
fn data(beginning: &str, cut: Option<&OutputCut>) -> Value {
    let text = harmless::without_escapes(beginning);
    match cut {
        None => {
            let value = PartialText::decoded(text.trim());
            if text.len() == beginning.len() { value } else { PartialText::altered(value, colour_codes()) }
        }
        Some(cut) => PartialText::cut(text.trim_start(), cut, harmless::without_escapes(&cut.end).trim_end()),
    }
}

/// Why a text is altered from which escape sequences were removed.
pub(super) fn colour_codes() -> Reason {
    Reason::altered("colour codes")
}

fn shown(beginning: &str, cut: Option<&OutputCut>) -> String {
    match cut {
        None => beginning.to_owned(),
        Some(cut) => format!("{beginning}\n{}\n{}", cut.marker(), cut.end),
    }
}

/// The last line that is not blank, without control characters, cut to a readable length.
fn last_line(text: &str) -> Option<String> {
    let clean = harmless::clean(text);
    let line = clean.lines().rev().find(|line| !line.trim().is_empty())?;
    Some(line.trim().chars().take(200).collect())
}

/// Prints as `#{…}` does: a failed command prints why it failed.
impl std::fmt::Display for CommandOutput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.text().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(status: i32, stdout: &str, stderr: &str) -> CommandOutput {
        CommandOutput {
            status: Some(status),
            stdout: stdout.into(),
            stderr: stderr.into(),
            ..CommandOutput::default()
        }
    }

    #[test]
    fn a_no_is_exit_code_one_without_an_error_message() {
        assert_eq!(ended(0, "", "warning").verdict(), Verdict::Yes);
        assert_eq!(ended(1, "diff", " \n\u{1b}[0m").verdict(), Verdict::No);
        let reason = |output: &CommandOutput| match output.verdict() {
            Verdict::Unknown(reason) => reason.text.clone(),
            verdict => format!("{verdict:?}"),
        };
        assert_eq!(reason(&ended(1, "", "cannot connect\n")), "exit code 1: cannot connect");
        assert_eq!(reason(&ended(2, "", "")), "exit code 2");
    }

    #[test]
    fn no_on_replaces_the_rule() {
        let with = |output| CommandOutput { no_on: vec![7, 22], ..output };
        assert_eq!(with(ended(22, "", "404")).verdict(), Verdict::No);
        assert!(matches!(with(ended(1, "", "")).verdict(), Verdict::Unknown(_)));
        assert_eq!(with(ended(0, "", "")).verdict(), Verdict::Yes);
        let chatty = CommandOutput { no_on: vec![1], ..ended(1, "", "not found") };
        assert_eq!(chatty.verdict(), Verdict::No);
    }

    #[test]
    fn what_a_failed_command_printed_is_not_data() {
        let failed = ended(255, "half an answer", "refused");
        for value in [failed.text(), failed.lines()] {
            assert_eq!(value.to_string(), "exit code 255: refused");
        }
        assert_eq!(failed.errors(), Value::text("refused"));
        assert_eq!(failed.to_string(), "exit code 255: refused");
        assert_eq!(ended(1, " +a\n", "").text(), Value::text("+a"));
    }

    #[test]
    fn colour_codes_are_not_data() {
        let output = ended(0, "\u{1b}[32mready\u{1b}[0m\tnow\n\u{1b}]0;title\u{7}second\n", "");
        let text = output.text();
        assert_eq!(*text.compared(), Value::text("ready\tnow\nsecond"));
        assert_eq!(text.gap().unwrap().text, "rbl removed colour codes from it");
        assert_eq!(ended(0, "ready\n", "").text(), Value::text("ready"));
    }
}
