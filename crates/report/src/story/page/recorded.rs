//! Additions to a page that shows a recorded run: the time of each event, the output of commands, and the state of a
//! run that has not ended.

use std::time::Duration;

use super::PagePrinter;
use crate::story::recorded::{RecordedObserver, tail};
use rbl_runtime::Act;
use rbl_runtime::journal::RunState;
use rbl_runtime::words::Words;
use rbl_syntax::value::{CommandOutput, Time};
use rbl_terminal::Tone;

/// The times beside the lines.
#[derive(Debug, Default)]
pub(super) struct Gutter {
    now: Option<Time>,
    /// The day of the previous line.
    day: Option<String>,
}

impl PagePrinter {
    /// Says that the run is shown from its record.
    #[must_use]
    pub fn recorded(mut self) -> Self {
        self.gutter = Some(Gutter::default());
        self.story.resumable = true;
        self.story.recorded = true;
        self
    }

    /// Notes the time of the next line, and prints the date if the day has changed.
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

    /// The text in front of a line: its time, if the run is shown from its record.
    pub(super) fn beside(&self) -> String {
        let now = self.gutter.as_ref().and_then(|gutter| gutter.now);
        now.map(|now| now.0.strftime("%H:%M:%S ").to_string()).unwrap_or_default()
    }

    /// Prints the end of a command's output. During a run it was shown live.
    pub(super) fn printed(&mut self, depth: u32, output: &CommandOutput) {
        let lines = tail(output);
        if self.gutter.is_some() && !lines.is_empty() {
            self.row(2 + 2 * depth as usize, Tone::Faint, "", &lines.join("\n"), &[]);
        }
    }
}

impl RecordedObserver for PagePrinter {
    fn besides(&mut self, words: &Words, took: Option<Duration>) {
        self.note_time();
        self.print(0, words, took);
        self.last = Some(self.clock.instant());
    }

    fn state(&mut self, state: &RunState, pending: &[String], begun: Option<&Act>) {
        let now = self.clock.instant();
        let lines = self.story.state_lines(state, (pending, begun), now);
        self.panel(lines);
    }
}
