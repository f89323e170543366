//! Detects what the streams of this process can show and whether a person can be asked: the only place that does.

use std::io::IsTerminal;

use crate::look::Look;
use crate::style::Style;

/// The values of `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Color {
    /// Where a terminal shows it, and `NO_COLOR` does not forbid it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What the streams and the environment of this process say.
#[allow(clippy::struct_excessive_bools)] // facts that do not depend on each other
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// What standard output can show.
    pub stdout: Style,
    /// What standard error can show.
    pub stderr: Style,
    /// Whether standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub stderr_is_terminal: bool,
    /// Whether a person can be asked: standard error is a terminal, and `CI` is not set.
    pub person: bool,
    /// Whether this is a build server, where nobody watches.
    pub ci: bool,
    /// Whether standard error may show anything that moves.
    pub live: bool,
}

impl Terminal {
    /// Reads the streams and the environment of this process.
    pub fn detect(color: Color) -> Self {
        let env = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let stdout_is_terminal = std::io::stdout().is_terminal();
        let stderr_is_terminal = std::io::stderr().is_terminal();
        let columns = |terminal: bool| {
            let size = if terminal { size() } else { None };
            size.or_else(|| env("COLUMNS")?.parse().ok()).unwrap_or(80)
        };
        let ci = env("CI").is_some_and(|value| value != "false" && value != "0");
        let dumb = env("TERM").is_some_and(|value| value == "dumb");
        let style = |terminal: bool| style(&env, color, terminal, columns(terminal));
        Self {
            stdout: style(stdout_is_terminal),
            stderr: style(stderr_is_terminal),
            stdout_is_terminal,
            stderr_is_terminal,
            person: stderr_is_terminal && !ci,
            ci,
            live: stderr_is_terminal && !ci && !dumb,
        }
    }
}

impl Terminal {
    /// What may be used on standard error; `live`: whether a status line may move on it.
    pub fn stderr_look(&self, live: bool) -> Look {
        Look { color: self.stderr.color, unicode: self.stderr.unicode, moves: live && self.live }
    }
}

fn size() -> Option<usize> {
    let of = |size: rustix::termios::Winsize| Some(usize::from(size.ws_col)).filter(|columns| *columns > 0);
    rustix::termios::tcgetwinsize(std::io::stdout())
        .ok()
        .and_then(of)
        .or_else(|| rustix::termios::tcgetwinsize(std::io::stderr()).ok().and_then(of))
}

/// Applies the rules of <https://no-color.org> and <https://bixense.com/clicolors>. The command line takes
/// precedence.
fn style(env: &dyn Fn(&str) -> Option<String>, color: Color, terminal: bool, columns: usize) -> Style {
    let dumb = env("TERM").is_some_and(|value| value == "dumb");
    let set = |name: &str| env(name).is_some_and(|value| value != "0");
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if env("NO_COLOR").is_some() => false,
        Color::Auto if set("CLICOLOR_FORCE") => true,
        Color::Auto => terminal && !dumb && env("CLICOLOR").is_none_or(|value| value != "0"),
    };
    // A missing locale (a container, cron) says nothing; one that names another encoding does.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(env);
    let utf8 = locale.is_none_or(|value| {
        let value = value.to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    });
    Style { color, unicode: utf8 && !dumb, width: columns.clamp(40, 1_000) }
}

#[cfg(test)]
mod tests {
    use super::{Color, style};

    fn colored(pairs: &[(&str, &str)], choice: Color, terminal: bool) -> bool {
        let env = |name: &str| pairs.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned());
        style(&env, choice, terminal, 80).color
    }

    #[test]
    fn colour_follows_the_person_then_the_environment_then_the_terminal() {
        assert!(colored(&[], Color::Auto, true));
        assert!(!colored(&[], Color::Auto, false));
        assert!(!colored(&[("NO_COLOR", "1")], Color::Auto, true));
        assert!(colored(&[("NO_COLOR", "1")], Color::Always, false));
        assert!(colored(&[("CLICOLOR_FORCE", "1")], Color::Auto, false));
        assert!(!colored(&[("CLICOLOR_FORCE", "0")], Color::Auto, false));
        assert!(!colored(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], Color::Auto, true));
        assert!(!colored(&[("CLICOLOR_FORCE", "1")], Color::Never, true));
        assert!(!colored(&[("TERM", "dumb")], Color::Auto, true));
        assert!(!colored(&[("CLICOLOR", "0")], Color::Auto, true));
    }

    #[test]
    fn box_drawing_where_it_can_be_shown() {
        let unicode = |pairs: &[(&str, &str)]| {
            let env =
                |name: &str| pairs.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned());
            style(&env, Color::Auto, true, 80).unicode
        };
        assert!(unicode(&[]));
        assert!(unicode(&[("LANG", "de_DE.UTF-8")]));
        assert!(unicode(&[("LANG", "C.utf8")]));
        assert!(!unicode(&[("LANG", "C")]));
        assert!(!unicode(&[("LC_ALL", "POSIX"), ("LANG", "de_DE.UTF-8")]));
        assert!(!unicode(&[("LANG", "de_DE.UTF-8"), ("TERM", "dumb")]));
    }
}
