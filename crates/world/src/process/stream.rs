//! What a command prints, split into lines and shown as it comes.

use rbl_runtime::Secrets;
use rbl_syntax::clean;

use crate::people::{self, Screen};

/// A line without an end is shown in parts of this many bytes.
const LONGEST: usize = 4096;

/// One stream of a running command.
pub(crate) struct CommandStream<'a> {
    screen: &'a dyn Screen,
    secrets: Secrets,
    stream: people::Stream,
    /// How many more lines are shown.
    left: usize,
    /// How many lines were not.
    hidden: usize,
    line: Vec<u8>,
    /// The end of the line before, which an encoded secret may begin in.
    before: String,
}

/// How much of the line before is looked at.
const BEHIND: usize = 400;

impl<'a> CommandStream<'a> {
    pub(crate) fn new(
        screen: &'a dyn Screen,
        secrets: &Secrets,
        stream: people::Stream,
        shown: usize,
    ) -> Self {
        Self {
            screen,
            secrets: secrets.clone(),
            stream,
            left: shown,
            hidden: 0,
            line: Vec::new(),
            before: String::new(),
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.ends_with(b"\n") {
                self.end();
            } else if self.line.len() >= LONGEST {
                self.part();
            }
        }
    }

    /// Shows the last line, if it has no end.
    pub(crate) fn finish(&mut self) {
        if !self.line.is_empty() {
            self.end();
        }
        match std::mem::take(&mut self.hidden) {
            0 => {}
            1 => self.screen.output(self.stream, "(and 1 more line)"),
            more => self.screen.output(self.stream, &format!("(and {more} more lines)")),
        }
    }

    /// Shows what there is of a line, but not half a secret.
    fn part(&mut self) {
        let half = self.secrets.half_at_end(&self.line);
        let rest = self.line.split_off(self.line.len().saturating_sub(half));
        if !self.line.is_empty() {
            self.end();
        }
        self.line = rest;
    }

    fn end(&mut self) {
        let line = std::mem::take(&mut self.line);
        let Some(left) = self.left.checked_sub(1) else {
            self.hidden += 1;
            return;
        };
        self.left = left;
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        // A progress bar rewrites its line: only its last state is shown.
        let redacted = self.secrets.redact_behind(&self.before, text);
        let shown = clean(redacted.rsplit('\r').next().unwrap_or(&redacted));
        if !self.secrets.is_empty() {
            let from = text.char_indices().rev().take(BEHIND).last().map_or(0, |(at, _)| at);
            text.get(from..).unwrap_or_default().clone_into(&mut self.before);
        }
        self.screen.output(self.stream, &shown);
    }
}
