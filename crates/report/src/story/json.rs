//! Prints a run as JSON: one object for each event, `type` first, the time last. The schema is
//! `docs/json/event.schema.json`.

use schemars::JsonSchema;
use serde::Serialize;

use super::followed_sink::FollowedSink;
use super::planned::{PlannedEvent, would};
use super::{Clock, Sink};
use crate::json;
use rbl_runtime::{Event, EventKind, Observer};
use rbl_syntax::harmless_json;
use rbl_syntax::value::Time;

/// An observer that writes each event as one line.
pub struct Json {
    sink: FollowedSink,
    clock: Clock,
    /// Whether this is a plan, in which nothing happens.
    planned: bool,
}

/// What `rbl run --format json` prints: an event of the run, and when it happened. The last one is of type `ended`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "rbl run --format json")]
struct Stamped<'a> {
    #[serde(flatten)]
    event: &'a Event,
    /// When it happened.
    at: Time,
}

/// The JSON schema of a line.
pub fn schema() -> schemars::Schema {
    json::schema::<Stamped<'_>>()
}

impl Json {
    /// Writes to this sink, with times from this clock.
    pub fn new(sink: Sink, clock: Clock) -> Self {
        Self { sink: FollowedSink::new(sink), clock, planned: false }
    }

    /// Prints a plan: only what is read and decided is printed here; the caller prints the rest.
    #[must_use]
    pub fn planned(mut self) -> Self {
        self.planned = true;
        self
    }
}

impl Observer for Json {
    fn event(&mut self, event: &Event) {
        if self.planned && !matches!(would(&event.kind), PlannedEvent::AsOfARun) {
            // A plan prints the author's texts as well.
            if !matches!(event.kind, EventKind::Prose { .. }) {
                return;
            }
        }
        let stamped = Stamped { event, at: self.clock.time() };
        // Every event can be written as JSON; if one could not, the line would be lost, not the run.
        if let Ok(text) = serde_json::to_string(&stamped) {
            let now = self.clock.instant();
            self.sink.line(&harmless_json(text), now);
        }
        if let EventKind::Ended { .. } = &event.kind {
            self.sink.flush();
        }
    }

    fn pauses(&mut self) {
        self.sink.flush();
    }
}
