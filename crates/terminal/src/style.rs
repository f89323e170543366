//! The capabilities of an output (terminal, pipe or file): colour, Unicode characters and width.

/// What a terminal, a pipe or a file can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether colours may be used. Colour never carries meaning alone.
    pub color: bool,
    /// Whether box drawing and marks outside ASCII can be shown.
    pub unicode: bool,
    /// The width in columns.
    pub width: usize,
}

impl Style {
    /// No colour, ASCII only, 80 columns: supported everywhere.
    pub const PLAIN: Self = Self { color: false, unicode: false, width: 80 };
}

impl Default for Style {
    fn default() -> Self {
        Self::PLAIN
    }
}
