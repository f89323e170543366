//! What the terminal supports, and what the user wants of it: colours, characters, cursor movements.

use std::io::IsTerminal;

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorChoice {
    /// On a terminal, unless the environment forbids it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The terminal-related environment, read once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools)] // facts, each on its own
pub struct Surroundings {
    /// stderr is a terminal.
    pub terminal: bool,
    /// `CI` is set.
    pub ci: bool,
    /// `TERM` is `dumb` or empty.
    pub dumb: bool,
    /// The locale is UTF-8.
    pub utf8: bool,
    /// `NO_COLOR` is set.
    pub no_color: bool,
    /// `CLICOLOR_FORCE` is set.
    pub force_color: bool,
}

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

impl Surroundings {
    /// Reads the environment of this process.
    pub fn here() -> Self {
        let var = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(var);
        let locale = locale.map(|value| value.to_string_lossy().to_lowercase()).unwrap_or_default();
        Self {
            terminal: std::io::stderr().is_terminal(),
            ci: var("CI").is_some(),
            dumb: var("TERM").is_none_or(|term| term == "dumb"),
            utf8: locale.contains("utf-8") || locale.contains("utf8"),
            no_color: var("NO_COLOR").is_some(),
            force_color: var("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
        }
    }

    /// What may be used, given the user's choice.
    pub fn look(&self, color: ColorChoice) -> Look {
        let color = match color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => !self.no_color && (self.force_color || (self.terminal && !self.dumb)),
        };
        Look {
            color,
            unicode: self.utf8 && !(self.terminal && self.dumb),
            moves: self.terminal && !self.dumb && !self.ci,
        }
    }

    /// Whether a person may be asked here, according to the environment.
    pub fn allows_questions(&self) -> bool {
        self.terminal && !self.ci
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_follows_the_flag_then_the_environment() {
        let terminal = Surroundings { terminal: true, utf8: true, ..Surroundings::default() };
        assert!(terminal.look(ColorChoice::Auto).color);
        assert!(!terminal.look(ColorChoice::Never).color);
        let no_color = Surroundings { no_color: true, ..terminal.clone() };
        assert!(!no_color.look(ColorChoice::Auto).color);
        assert!(no_color.look(ColorChoice::Always).color);
        let pipe = Surroundings { terminal: false, force_color: true, ..terminal.clone() };
        assert!(pipe.look(ColorChoice::Auto).color && !pipe.look(ColorChoice::Auto).moves);
        let dumb = Surroundings { dumb: true, ..terminal };
        assert_eq!(dumb.look(ColorChoice::Auto), Look::default());
    }
}
