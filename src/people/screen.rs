//! What a live world shows on the console: framed pages and records, lines of running commands, and a status line.

use rbl_syntax::clean;
use rbl_terminal::{Console, Panel, Tone, hung, width_of};
use rbl_world::people::{Notice, Screen, Stream, Urgency};

/// The columns before a line that a command printed.
const LEAD: usize = 6;

/// Before the continuation of a line.
const HANGING: &str = "  ";

/// Shows a run on the console.
#[derive(Clone)]
pub struct ConsoleScreen(Console);

impl ConsoleScreen {
    /// Shows it there.
    pub fn new(console: Console) -> Self {
        Self(console)
    }
}

impl Screen for ConsoleScreen {
    fn is_seen(&self) -> bool {
        true
    }

    fn notice(&self, notice: &Notice) {
        let look = self.0.look();
        let tone = match notice.urgency {
            Urgency::Page => Tone::Bad,
            Urgency::Record => Tone::Warning,
        };
        let panel = notice
            .sections
            .iter()
            .fold(Panel::new(tone, &notice.title), |panel, section| panel.section(section.iter().cloned()));
        let mut lines = panel.lines(look, self.0.width());
        if look.moves && notice.urgency == Urgency::Page {
            lines.insert(0, String::new());
            lines.push(String::new());
        }
        self.0.line(&lines.join("\n"));
    }

    fn output(&self, stream: Stream, line: &str) {
        let look = self.0.look();
        let bar = look.paint(Tone::Faint, look.pick("│", "|"));
        let line = clean(line);
        let columns = self.0.columns().filter(|columns| width_of(&line) + LEAD > *columns);
        let lines = match columns {
            Some(columns) => hung("", HANGING, &line, columns - LEAD),
            None => vec![line],
        };
        for line in lines {
            let line = match stream {
                Stream::Out => line,
                Stream::Err => look.paint(Tone::Warning, &line),
            };
            self.0.line(&format!("    {bar} {line}"));
        }
    }

    fn status(&self, status: Option<&str>) {
        let look = self.0.look();
        let status = status.map(|status| {
            let status = if look.unicode { status.to_owned() } else { status.replace('·', "-") };
            look.paint(Tone::Faint, &format!("    {status}"))
        });
        self.0.status(status.as_deref());
    }
}

#[cfg(test)]
mod tests {
    use rbl_terminal::Look;

    use super::*;

    #[test]
    fn a_line_that_is_longer_than_the_screen_hangs_behind_its_bar() {
        let (console, captured) = Console::captured(Look::default(), 24);
        let screen = ConsoleScreen::new(console);
        screen.output(Stream::Out, "short");
        screen.output(Stream::Out, "several words that do not fit");
        assert_eq!(captured.text(), "    | short\n    | several words\n    |   that do not fit\n");
    }
}
