//! The destinations of a story's lines.

use rbl_terminal::Output;
use rbl_terminal::{Console, Look};

/// Standard output, or the console where both are the same screen: only the console knows what else is on the screen.
pub enum Sink {
    /// The screen, shared with prompts and the live status line.
    Screen(Console),
    /// A pipe, a file or a separate terminal.
    Stream {
        /// The output.
        output: Output,
        /// The colours and characters that can be used.
        look: Look,
        /// The width in columns.
        width: usize,
    },
}

impl Sink {
    /// Writes a line immediately, for readers who follow the run.
    pub fn line(&mut self, text: &str) {
        self.kept_line(text);
        self.flush();
    }

    /// Writes a line. In a stream it may be kept until the next [`Self::flush`].
    pub(super) fn kept_line(&mut self, text: &str) {
        match self {
            Self::Screen(console) => console.line(text),
            Self::Stream { output, .. } => reporting(output, |output| output.line(text)),
        }
    }

    /// Writes out what was kept.
    pub(super) fn flush(&mut self) {
        match self {
            Self::Screen(_) => {}
            Self::Stream { output, .. } => reporting(output, Output::flush),
        }
    }

    /// Whether prompts, panels and a status line are on the same screen.
    pub fn is_screen(&self) -> bool {
        matches!(self, Self::Screen(_))
    }

    /// The current width in columns.
    pub fn width(&self) -> usize {
        match self {
            Self::Screen(console) => console.width(),
            Self::Stream { width, .. } => *width,
        }
    }

    /// The colours and characters that can be used.
    pub fn look(&self) -> Look {
        match self {
            Self::Screen(console) => console.look(),
            Self::Stream { look, .. } => *look,
        }
    }
}

/// Writes to a stream. The first trouble is said once and immediately: the run continues, and its reader must not wait
/// for more.
fn reporting(output: &mut Output, write: impl FnOnce(&mut Output)) {
    let before = output.trouble().is_some();
    write(output);
    if let Some(why) = output.trouble().filter(|_| !before) {
        let said = "rbl: cannot write the story to standard output";
        Output::stderr().line(&format!("{said}: {why}; the run continues"));
    }
}
