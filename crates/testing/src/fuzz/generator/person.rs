//! Generates the answers of people: a possible answer, at once or late, or none at all.

use super::GeneratedWorld;
use crate::scripted::{GivenAnswer, GivenSubject};
use rbl_runtime::{Ask, AskKind};

/// A person who is asked the same question again may answer differently, up to this many times.
const MOST_ANSWERS: usize = 4;

pub(super) fn key(question: &str) -> String {
    format!("question {question}")
}

impl GeneratedWorld<'_> {
    pub(super) fn question(&mut self, ask: &Ask) {
        let silent = format!("nobody answers {}", ask.prompt);
        if self.known.contains(&silent) {
            return;
        }
        let before = self.premise.script.changes.iter();
        let said = before
            .filter(|it| matches!(&it.what, GivenSubject::Answer(it) if it.question == ask.prompt))
            .count();
        let first = self.first(key(&ask.prompt));
        if !first && (said >= MOST_ANSWERS || !self.rng.once_in(3)) {
            return;
        }
        let Some(with) = self.words(ask) else {
            if first {
                self.first(silent);
            }
            return;
        };
        let after = if self.rng.once_in(8) { self.hints.time(Some(ask.within), &mut self.rng) } else { 0.0 };
        self.give(None, GivenSubject::Answer(GivenAnswer { question: ask.prompt.clone(), with, after }));
    }

    /// Returns a new answer to one of the questions, as the effect of an action.
    pub(super) fn other_answer(&mut self) -> Option<GivenSubject> {
        let question = self.rng.pick(&self.asked)?.clone();
        let with = (*self.rng.pick(&["yes", "yes", "no", "not sure"])?).to_owned();
        Some(GivenSubject::Answer(GivenAnswer { question, with, after: 0.0 }))
    }

    /// The answer; `None` if nobody answers.
    fn words(&mut self, ask: &Ask) -> Option<String> {
        if self.trouble() {
            return if self.rng.once_in(2) { Some("not sure".into()) } else { None };
        }
        match &ask.kind {
            AskKind::YesNo => self
                .rng
                .pick(&["yes", "yes", "yes", "yes", "no", "no", "not sure"])
                .map(|it| (*it).to_owned()),
            AskKind::Choice(choices) => self.rng.pick(choices).cloned(),
            AskKind::Text => Some(self.hints.text(&mut self.rng)),
            AskKind::Secret(_) => Some("a secret".into()),
        }
    }
}
