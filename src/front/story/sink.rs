//! Where the lines of a story go.

use crate::front::Output;
use crate::world::console::{Console, Look};

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
                output.line(text);
                output.flush();
            }
        }
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

    /// Why not everything could be written; a closed pipe is no reason.
    pub fn trouble(&self) -> Option<String> {
        match self {
            Self::Screen(_) => None,
            Self::Stream { output, .. } => output.trouble().map(ToString::to_string),
        }
    }
}
