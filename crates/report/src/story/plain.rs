//! Prints a run as lines for a log: one for each event, with the time and a word in front, and without terminal
//! features.

use super::followed_sink::FollowedSink;
use super::planned::{PlannedEvent, would};
use super::{Clock, Sink, closing, header};
use rbl_runtime::words::{Words, say};
use rbl_runtime::{Event, EventKind, Observer};
use rbl_syntax::clean;
use rbl_terminal::shortened;

/// An observer that writes each event as one line.
pub struct Plain {
    sink: FollowedSink,
    clock: Clock,
    story: closing::ClosingFacts,
    /// Whether this is a plan, in which nothing happens.
    planned: bool,
}

impl Plain {
    /// Writes to this sink, with times from this clock.
    pub fn new(sink: Sink, clock: Clock) -> Self {
        Self { sink: FollowedSink::new(sink), clock, story: closing::ClosingFacts::default(), planned: false }
    }

    /// Says that the run is recorded: the end shows how to resume it.
    #[must_use]
    pub fn resumable(mut self) -> Self {
        self.story.resumable = true;
        self
    }

    /// Prints a plan: the caller prints the effect that ended the walk, and the ways to continue.
    #[must_use]
    pub fn planned(mut self) -> Self {
        self.planned = true;
        self
    }

    fn line(&mut self, depth: u32, words: &Words) {
        let now = self.clock.time();
        let indent = "  ".repeat(depth as usize);
        let mut text = format!("{now}  {indent}{:<10} {}", words.word, words.text);
        for note in &words.notes {
            text.push_str("; ");
            text.push_str(note);
        }
        let text = clean(&shortened(&text)).replace('\n', " / ");
        let now = self.clock.instant();
        self.sink.line(text.trim_end(), now);
    }
}

impl Observer for Plain {
    fn event(&mut self, event: &Event) {
        if let Some(words) = self.story.resumed_line() {
            self.line(0, &words);
        }
        let now = self.clock.instant();
        self.story.note(event, now);
        if self.planned {
            match would(&event.kind) {
                PlannedEvent::AsOfARun => {}
                PlannedEvent::Would(words) => return self.line(event.depth, &words),
                PlannedEvent::Not => return,
            }
        }
        if let EventKind::Started { .. } = &event.kind {
            for words in header::words(event) {
                self.line(event.depth, &words);
            }
            return;
        }
        if let EventKind::Ended { .. } = &event.kind {
            for words in self.story.words(event, now) {
                self.line(event.depth, &words);
            }
            self.sink.flush();
            return;
        }
        if let Some(words) = say(&event.kind) {
            self.line(event.depth, &words);
        }
    }

    fn pauses(&mut self) {
        self.sink.flush();
    }

    fn earlier_event(&mut self, event: &Event) {
        let now = self.clock.instant();
        self.story.note_earlier(event, now);
    }
}
