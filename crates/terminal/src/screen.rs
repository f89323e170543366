//! The content of the terminal: lines, and below them a status line or a prompt.

use std::io::Write;

use super::Look;
use super::text::{fitted, only_colors};

/// The state behind a [`Console`](super::Console).
pub(super) struct ScreenState {
    sink: Box<dyn Write + Send>,
    pub look: Look,
    fixed_width: Option<usize>,
    status: Option<String>,
    /// Whether the status line is currently on the screen.
    drawn: bool,
    held: Option<Vec<String>>,
    /// Whether a prompt with a status line above it is open.
    prompt: Option<Prompt>,
}

struct Prompt {
    has_status: bool,
}

const CLEAR_LINE: &str = "\r\x1b[2K";
// While a person types, the line must not wrap: the countdown is drawn one line above the cursor.
const NO_WRAP: &str = "\x1b[?7l";
const WRAP: &str = "\x1b[?7h";

impl ScreenState {
    pub(super) fn new(sink: Box<dyn Write + Send>, look: Look, fixed_width: Option<usize>) -> Self {
        Self { sink, look, fixed_width, status: None, drawn: false, held: None, prompt: None }
    }

    pub(super) fn look(&self) -> Look {
        self.look
    }

    pub(super) fn width(&self) -> usize {
        self.columns().unwrap_or(80)
    }

    /// The width, if it is a screen.
    pub(super) fn columns(&self) -> Option<usize> {
        let asked = || rustix::termios::tcgetwinsize(std::io::stderr()).ok();
        self.fixed_width
            .or_else(|| asked().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0))
            .map(|columns| columns.max(20))
    }

    pub(super) fn line(&mut self, text: &str) {
        let text = only_colors(text);
        if let Some(held) = &mut self.held {
            held.push(text);
            return;
        }
        self.erase_status();
        self.write(&format!("{text}\n"));
        self.draw_status();
    }

    pub(super) fn status(&mut self, text: Option<&str>) {
        self.status = text.map(only_colors);
        if self.held.is_none() && self.prompt.is_none() {
            self.erase_status();
            self.draw_status();
        }
    }

    pub(super) fn hold(&mut self) {
        self.erase_status();
        self.held.get_or_insert_default();
    }

    pub(super) fn release(&mut self) {
        for text in self.held.take().unwrap_or_default() {
            self.write(&format!("{text}\n"));
        }
        self.draw_status();
    }

    pub(super) fn open_prompt(&mut self, status: Option<&str>, lead: &str) {
        self.erase_status();
        if let Some(status) = status {
            let status = fitted(&only_colors(status), self.width() - 1);
            self.write(&format!("{status}\n"));
        }
        self.write(&only_colors(lead));
        if self.look.moves && status.is_some() {
            self.write(NO_WRAP);
        }
        self.prompt = Some(Prompt { has_status: status.is_some() });
    }

    pub(super) fn prompt_status(&mut self, status: &str) {
        if self.look.moves && self.prompt.as_ref().is_some_and(|prompt| prompt.has_status) {
            let status = fitted(&only_colors(status), self.width() - 1);
            // Save the cursor, one line up, rewrite, back.
            self.write(&format!("\x1b7\x1b[1A{CLEAR_LINE}{status}\x1b8"));
        }
    }

    pub(super) fn close_prompt(&mut self, entered: bool) {
        let Some(prompt) = self.prompt.take() else { return };
        if self.look.moves && prompt.has_status {
            self.write(WRAP);
        }
        if !entered {
            self.write("\n");
        }
        if self.held.is_none() {
            self.draw_status();
        }
    }

    fn erase_status(&mut self) {
        if std::mem::take(&mut self.drawn) {
            self.write(CLEAR_LINE);
        }
    }

    fn draw_status(&mut self) {
        if !self.look.moves || self.held.is_some() || self.prompt.is_some() {
            return;
        }
        if let Some(status) = &self.status {
            // Leaves space for the `^C` that a terminal prints after it.
            let status = fitted(status, self.width() - 3);
            self.write(&status);
            self.drawn = true;
        }
    }

    /// Writes; a closed pipe does not end a run.
    fn write(&mut self, text: &str) {
        let _ = self.sink.write_all(text.as_bytes()).and_then(|()| self.sink.flush());
    }
}

impl Drop for ScreenState {
    fn drop(&mut self) {
        self.close_prompt(false);
        self.erase_status();
    }
}
