//! What a page shows besides where a run is told from its record: when each thing happened, what commands printed, and how
//! a run stands that is not over.

use std::time::Duration;

use super::Page;
use crate::story::recorded::{Teller, tail};
use rbl_runtime::journal::State;
use rbl_runtime::words::Words;
use rbl_syntax::value::{CommandOutput, Time};
use rbl_terminal::Tone;

/// The times beside the lines.
#[derive(Debug, Default)]
pub(super) struct Gutter {
    now: Option<Time>,
    /// The day of the line before.
    day: Option<String>,
}

impl Page {
    /// The run is told from its record.
    #[must_use]
    pub fn recorded(mut self) -> Self {
        self.gutter = Some(Gutter::default());
        self.story.kept = true;
        self.story.recorded = true;
        self
    }

    /// Takes the time of what comes next, and says so where it is of another day.
    pub(super) fn note_time(&mut self) {
        let Some(gutter) = &mut self.gutter else { return };
        let now = self.clock.time();
        let day = now.0.strftime("%Y-%m-%d").to_string();
        gutter.now = Some(now);
        if gutter.day.replace(day.clone()).is_some_and(|before| before != day) {
            let line = self.sink.look().paint(Tone::Faint, &day);
            self.sink.line("");
            self.sink.line(&line);
        }
    }

    /// What stands in front of a line: its time, in a story that is told from its record.
    pub(super) fn beside(&self) -> String {
        let now = self.gutter.as_ref().and_then(|gutter| gutter.now);
        now.map(|now| now.0.strftime("%H:%M:%S ").to_string()).unwrap_or_default()
    }

    /// The end of what a command printed. Whoever watched a run has seen it already.
    pub(super) fn printed(&mut self, depth: u32, output: &CommandOutput) {
        let lines = tail(output);
        if self.gutter.is_some() && !lines.is_empty() {
            self.row(2 + 2 * depth as usize, Tone::Faint, "", &lines.join("\n"), &[]);
        }
    }
}

impl Teller for Page {
    fn aside(&mut self, words: &Words, took: Option<Duration>) {
        self.note_time();
        self.tell(0, words, took);
        self.last = Some(self.clock.instant());
    }

    fn stands(&mut self, state: &State, pending: &[String]) {
        let now = self.clock.instant();
        let lines = self.story.stands(state, pending, now);
        self.panel(lines);
    }
}
