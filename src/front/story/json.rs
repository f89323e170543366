//! A run as JSON: one object an event, `type` first, the time last. The schema is `docs/json/event.schema.json`.

use serde::Serialize;

use super::Sink;
use crate::run::{Event, Observer};
use crate::value::Time;

/// Writes each event as one line.
pub struct Json {
    sink: Sink,
}

#[derive(Serialize)]
struct Stamped<'a> {
    #[serde(flatten)]
    event: &'a Event,
    /// When it happened.
    at: Time,
}

impl Json {
    /// Writes to this.
    pub fn new(sink: Sink) -> Self {
        Self { sink }
    }
}

impl Observer for Json {
    fn event(&mut self, event: &Event) {
        let stamped = Stamped { event, at: Time(jiff::Timestamp::now()) };
        // Events are made of what has a JSON form; one that had none would be lost, not the run.
        if let Ok(text) = serde_json::to_string(&stamped) {
            self.sink.line(&text);
        }
    }
}
