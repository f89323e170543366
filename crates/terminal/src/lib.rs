//! [`Console`]: the only owner of stderr. It prints lines, one live status line below them, and prompts.
//!
//! *Why one:* output of commands, a countdown and a question share one screen; only their common owner can keep them
//! from overwriting each other.
#![allow(clippy::disallowed_methods)] // the environment may be used here

mod capture;
mod detect;
mod keyboard;
mod look;
mod output;
mod panel;
mod screen;
mod style;
mod text;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use capture::Captured;
pub use detect::{Color, Terminal};
pub use keyboard::{Keyboard, Typed};
pub use look::{Look, Tone};
pub use output::Output;
pub use panel::Panel;
pub use style::Style;
pub use text::{fitted, hung, shortened, width_of, wrapped};

use screen::ScreenState;

/// A handle to the terminal's stderr. Clones share it. Writing to a closed pipe does nothing, and never panics.
#[derive(Clone)]
pub struct Console(Arc<Mutex<ScreenState>>);

impl Console {
    /// The process's own stderr.
    pub fn stderr(look: Look) -> Self {
        Self(Arc::new(Mutex::new(ScreenState::new(Box::new(std::io::stderr()), look, None))))
    }

    /// A console that captures its output, with a fixed width in columns.
    pub fn captured(look: Look, width: usize) -> (Self, Captured) {
        let captured = Captured::default();
        let screen = ScreenState::new(Box::new(captured.clone()), look, Some(width));
        (Self(Arc::new(Mutex::new(screen))), captured)
    }

    /// Prints one or several lines above the status line. Control characters other than colours are removed; pass text
    /// from outside through [`clean`] first, which removes its colours too.
    pub fn line(&self, text: &str) {
        self.screen().line(text);
    }

    /// Shows a status line below all lines, rewritten in place; `None` removes it. Only on a terminal.
    pub fn status(&self, text: Option<&str>) {
        self.screen().status(text);
    }

    /// Holds lines back and removes the status line, while a question is on the screen.
    pub fn hold(&self) {
        self.screen().hold();
    }

    /// Prints the lines that were held back.
    pub fn release(&self) {
        self.screen().release();
    }

    /// Opens a prompt: `status` on a line of its own (rewritable while a person types), then `lead`, followed by the
    /// cursor. A prompt is shown even while lines are held back.
    pub fn open_prompt(&self, status: Option<&str>, lead: &str) {
        self.screen().open_prompt(status, lead);
    }

    /// Rewrites the status line of the open prompt, without touching what is typed.
    pub fn prompt_status(&self, status: &str) {
        self.screen().prompt_status(status);
    }

    /// Closes the prompt; `entered`: the person ended its line, so the cursor is already below it.
    pub fn close_prompt(&self, entered: bool) {
        self.screen().close_prompt(entered);
    }

    /// The current width in columns.
    pub fn width(&self) -> usize {
        self.screen().width()
    }

    /// The width in columns of a screen; `None` for a file or a pipe, which is not wrapped.
    pub fn columns(&self) -> Option<usize> {
        self.screen().columns()
    }

    /// The colours, characters and cursor movements that may be used.
    pub fn look(&self) -> Look {
        self.screen().look()
    }

    /// Colours the text, if colours are on.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        self.look().paint(tone, text)
    }

    fn screen(&self) -> MutexGuard<'_, ScreenState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
