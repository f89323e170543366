//! The capabilities of a terminal (colour, Unicode, cursor movement), and the tones that colour a text.

/// What may be used on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Colours.
    pub color: bool,
    /// Characters beyond ASCII.
    pub unicode: bool,
    /// Cursor movements: a status line, a countdown.
    pub moves: bool,
}

/// The role of a text, for its colour. Colour never carries meaning alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Success.
    Good,
    /// Failure.
    Bad,
    /// A warning.
    Warning,
    /// A question.
    Question,
    /// Emphasised.
    Strong,
    /// De-emphasised.
    Faint,
}

impl Look {
    /// Colours the text, if colours are on.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Good => "32",
            Tone::Bad => "1;31",
            Tone::Warning => "33",
            Tone::Question => "1;36",
            Tone::Strong => "1",
            Tone::Faint => "2",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// Chooses by what the terminal supports.
    pub fn pick<T>(self, unicode: T, ascii: T) -> T {
        if self.unicode { unicode } else { ascii }
    }
}
