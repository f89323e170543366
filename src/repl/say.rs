//! The output of a session: findings, values and refusals, and the worst exit code so far.

use super::answer::Paper;
use super::evaluate::Repl;
use super::places::Found;
use crate::Exit;
use rbl_report::findings::Pretty;
use rbl_syntax::diagnostic::short;
use rbl_terminal::Tone;

impl Repl {
    pub(super) fn found(&mut self, found: &Found) {
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

    pub(super) fn paper(&mut self) -> Paper {
        Paper { look: self.page.sink().look(), width: self.page.sink().width(), now: self.taken.world.now() }
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
