//! Shows the output of a command line by line as it arrives.

use crate::world::Secrets;
use crate::world::console::{Console, Tone, clean, hung, width_of};

/// A line without an end is shown in parts of this many bytes.
const LONGEST: usize = 4096;

/// The indentation of the output, in columns.
const LEAD: usize = 6;

/// The prefix of a continued line.
const HANGING: &str = "  ";

/// One stream of a running command.
pub(super) struct Stream {
    console: Console,
    secrets: Secrets,
    tone: Option<Tone>,
    /// What follows this mark is between the two sides and not shown.
    mark: Option<String>,
    line: Vec<u8>,
}

impl Stream {
    pub(super) fn new(
        console: &Console,
        secrets: &Secrets,
        tone: Option<Tone>,
        mark: Option<String>,
    ) -> Self {
        Self { console: console.clone(), secrets: secrets.clone(), tone, mark, line: Vec::new() }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.ends_with(b"\n") || self.line.len() >= LONGEST {
                self.end();
            }
        }
    }

    /// Shows the last line, if it has no end.
    pub(super) fn finish(&mut self) {
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
        let look = self.console.look();
        let bar = look.paint(Tone::Faint, look.pick("│", "|"));
        let columns = self.console.columns().filter(|columns| width_of(&text) + LEAD > *columns);
        let lines = match columns {
            Some(columns) => hung("", HANGING, &text, columns - LEAD),
            None => vec![text],
        };
        for line in lines {
            let line = self.tone.map_or_else(|| line.clone(), |tone| look.paint(tone, &line));
            self.console.line(&format!("    {bar} {line}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::console::Look;

    #[test]
    fn a_line_that_is_longer_than_the_screen_hangs_behind_its_bar() {
        let (console, captured) = Console::captured(Look::default(), 24);
        let mut stream = Stream::new(&console, &Secrets::new(), None, None);
        stream.push(b"short\nseveral words that do not fit\n");
        assert_eq!(captured.text(), "    | short\n    | several words\n    |   that do not fit\n");
    }
}
