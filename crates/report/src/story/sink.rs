//! Where the lines of a story go.

use rbl_terminal::Output;
use rbl_terminal::{Console, Look};

/// Standard output; or the console, where both are the same screen and only the console knows what else is on it.
pub enum Sink {
    /// The screen, shared with prompts and the live status line.
    Screen(Console),
    /// A pipe or a file, or a terminal of its own.
    Stream {
        /// Where to.
        output: Output,
        /// What may be used.
        look: Look,
        /// Columns.
        width: usize,
    },
}

impl Sink {
    /// Writes a line, at once: whoever follows a run is not kept waiting.
    pub fn line(&mut self, text: &str) {
        match self {
            Self::Screen(console) => console.line(text),
            Self::Stream { output, .. } => {
                let before = output.trouble().is_some();
                output.line(text);
                output.flush();
                if let Some(why) = output.trouble().filter(|_| !before) {
                    let said = "rbl: cannot write the story to standard output";
                    // Once, and now: the run goes on, and whoever watches is not to wait for more.
                    Output::stderr().line(&format!("{said}: {why}; the run goes on"));
                }
            }
        }
    }

    /// Whether prompts, panels and a status line stand on the same screen.
    pub fn is_screen(&self) -> bool {
        matches!(self, Self::Screen(_))
    }

    /// Columns, now.
    pub fn width(&self) -> usize {
        match self {
            Self::Screen(console) => console.width(),
            Self::Stream { width, .. } => *width,
        }
    }

    /// What may be used.
    pub fn look(&self) -> Look {
        match self {
            Self::Screen(console) => console.look(),
            Self::Stream { look, .. } => *look,
        }
    }
}
