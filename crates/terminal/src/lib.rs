//! The one owner of stderr: lines, one live status line below them, and prompts.
//!
//! *Why one:* what a command prints, a countdown and a question share one screen; only who knows all three can keep
//! them from writing over each other.

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

use screen::Screen;

/// A handle to the terminal's stderr. Clones share it. A closed pipe swallows what is written; nothing panics.
#[derive(Clone)]
pub struct Console(Arc<Mutex<Screen>>);

impl Console {
    /// The process's own stderr.
    pub fn stderr(look: Look) -> Self {
        Self(Arc::new(Mutex::new(Screen::new(Box::new(std::io::stderr()), look, None))))
    }

    /// One that keeps what is written, of a fixed width in columns.
    pub fn captured(look: Look, width: usize) -> (Self, Captured) {
        let captured = Captured::default();
        let screen = Screen::new(Box::new(captured.clone()), look, Some(width));
        (Self(Arc::new(Mutex::new(screen))), captured)
    }

    /// Writes a line (or several) above the status line. Control characters other than colours are left out; text
    /// from outside belongs through [`clean`] first, which takes its colours too.
    pub fn line(&self, text: &str) {
        self.screen().line(text);
    }

    /// Shows this as the last line, rewritten in place, until the next; `None` takes it away. Only on a terminal.
    pub fn status(&self, text: Option<&str>) {
        self.screen().status(text);
    }

    /// From now on lines wait, and the status line is away: a question stands on the screen.
    pub fn hold(&self) {
        self.screen().hold();
    }

    /// Writes the lines that waited.
    pub fn release(&self) {
        self.screen().release();
    }

    /// Opens a prompt: `status` on a line of its own (which can be rewritten while a person types), then `lead`, with
    /// the cursor behind it. Where lines wait, a prompt is shown all the same.
    pub fn open_prompt(&self, status: Option<&str>, lead: &str) {
        self.screen().open_prompt(status, lead);
    }

    /// Rewrites the status line of the open prompt, and leaves what is typed alone.
    pub fn prompt_status(&self, status: &str) {
        self.screen().prompt_status(status);
    }

    /// The prompt is over; `entered`: the person ended its line, so the cursor is below it already.
    pub fn close_prompt(&self, entered: bool) {
        self.screen().close_prompt(entered);
    }

    /// The width in columns, now.
    pub fn width(&self) -> usize {
        self.screen().width()
    }

    /// The width in columns where it is a screen: what goes to a file or a pipe is not wrapped.
    pub fn columns(&self) -> Option<usize> {
        self.screen().columns()
    }

    /// Colours, characters and cursor movements that may be used.
    pub fn look(&self) -> Look {
        self.screen().look()
    }

    /// The text in a tone, where colours are on.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        self.look().paint(tone, text)
    }

    fn screen(&self) -> MutexGuard<'_, Screen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
