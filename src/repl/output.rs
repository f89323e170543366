//! The output of a session: findings, values and refusals, and the worst exit code so far.

use std::time::Instant;

use super::source_map::PlacedFindings;
use super::value_display::ValueLayout;
use crate::Exit;
use crate::repl::given_layer::Givens;
use rbl_report::findings::Pretty;
use rbl_report::story::{Clock, PagePrinter, Sink};
use rbl_syntax::diagnostic::short;
use rbl_terminal::{Style, Tone};

/// Where a session writes, and how.
pub(super) struct SessionOutput {
    /// The page on which events are printed.
    pub(super) page: PagePrinter,
    pub(super) style: Style,
    /// Whether input and messages belong to a terminal.
    pub(super) at_terminal: bool,
    worst: Exit,
    /// The time of the session.
    givens: Givens,
}

impl SessionOutput {
    /// Returns the output of a new session, with the time of its given world.
    pub(super) fn new(sink: Sink, style: Style, at_terminal: bool, givens: Givens) -> Self {
        let clock = Clock::recorded(
            {
                let givens = givens.clone();
                move || givens.now()
            },
            Instant::now(),
        );
        Self { page: PagePrinter::new(sink, clock), style, at_terminal, worst: Exit::Fine, givens }
    }

    /// The worst exit code of all inputs.
    pub(super) fn worst(&self) -> Exit {
        self.worst
    }

    pub(super) fn found(&mut self, found: &PlacedFindings) {
        let pretty = self.at_terminal.then(|| Pretty::new(&found.diagnostics, &found.sources, self.style));
        for diagnostic in &found.diagnostics {
            let text = match &pretty {
                Some(pretty) => pretty.draw(diagnostic),
                None => short(diagnostic, &found.sources),
            };
            self.line(text.trim_end());
            if diagnostic.is_error() {
                self.worse(Exit::Errors);
            }
        }
    }

    pub(super) fn paper(&mut self) -> ValueLayout {
        ValueLayout { look: self.page.sink().look(), width: self.page.sink().width(), now: self.givens.now() }
    }

    pub(super) fn worse(&mut self, exit: Exit) {
        if exit.code() > self.worst.code() {
            self.worst = exit;
        }
    }

    pub(super) fn refuse(&mut self, why: &str) {
        self.say(Tone::Bad, why);
        self.worse(Exit::Cannot);
    }

    pub(super) fn say(&mut self, tone: Tone, text: &str) {
        let text = self.page.sink().look().paint(tone, text);
        self.line(&text);
    }

    pub(super) fn faint(&mut self, text: &str) {
        self.say(Tone::Faint, text);
    }

    pub(super) fn lines(&mut self, lines: Vec<String>) {
        for line in lines {
            self.line(&line);
        }
    }

    pub(super) fn line(&mut self, text: &str) {
        self.page.sink().line(text);
    }
}
