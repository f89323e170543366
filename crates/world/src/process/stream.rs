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
    /// From this mark on the output is between the two sides and not for people.
    mark: Option<String>,
    line: Vec<u8>,
}

impl<'a> CommandStream<'a> {
    pub(crate) fn new(
        screen: &'a dyn Screen,
        secrets: &Secrets,
        stream: people::Stream,
        mark: Option<String>,
    ) -> Self {
        Self { screen, secrets: secrets.clone(), stream, mark, line: Vec::new() }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.ends_with(b"\n") || self.line.len() >= LONGEST {
                self.end();
            }
        }
    }

    /// Shows the last line, if it has no end.
    pub(crate) fn finish(&mut self) {
        if !self.line.is_empty() {
            self.end();
        }
    }

    fn end(&mut self) {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        let marked = self.mark.as_ref().and_then(|mark| text.split_once(mark.as_str()));
        let text = match marked {
            Some(("", _)) => return,
            Some((before, _)) => before,
            None => text,
        };
        // A progress bar rewrites its line: only its last state is shown.
        let text = clean(&self.secrets.redact(text.rsplit('\r').next().unwrap_or(text)));
        self.screen.output(self.stream, &text);
    }
}
