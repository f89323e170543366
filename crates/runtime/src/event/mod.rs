//! [`Event`]: one thing that happened in a run. Reporters, the JSON output, the journal and the replay all read events.
//!
//! *Why no clock:* the same program and replies give the same events; the observer adds the time of each.

mod content;
mod kind;
mod part;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use rbl_syntax::source::{SourceId, Span};

pub use kind::EventKind;
pub use part::{ActionRole, Paged, Started};

/// One thing that happened, and where in the runbook. In JSON one object, `type` first. Durations are in seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
    /// Where in the runbook; `None` for an event that belongs to no statement.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<EventPlace>,
    /// The nesting depth: 0 for the runbook that was started, 1 for one that it runs.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub depth: u32,
}

/// A place in a runbook, for people (file, line) and for tools (source, span).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EventPlace {
    /// The file, as it is shown.
    pub file: SmolStr,
    /// Its line, from 1.
    pub line: u32,
    /// Which source of the program.
    pub source: SourceId,
    /// The bytes.
    pub span: Span,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
fn is_zero(value: &u32) -> bool {
    *value == 0
}
impl Event {
    /// An event that belongs to no statement.
    pub fn of(kind: EventKind) -> Self {
        Self { kind, place: None, depth: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Decision, Outcome, Then};
    use rbl_syntax::value::{Reason, Verdict};

    #[test]
    fn the_type_comes_first_and_everything_comes_back() {
        let place = EventPlace { file: "a.rb".into(), line: 3, source: SourceId(0), span: Span::new(4, 9) };
        let events = [
            Event::of(EventKind::Ended {
                outcome: Outcome::Resolved,
                message: "over".into(),
                paged: Vec::new(),
                pending: Vec::new(),
            }),
            Event {
                kind: EventKind::Decided(Decision {
                    condition: "p99 < 500ms".into(),
                    verdict: Verdict::unknown(Reason::no_data()),
                    operands: Vec::new(),
                    then: Then::Arm { arm: "unknown".into(), line: 14 },
                    neutral: false,
                }),
                place: Some(place),
                depth: 1,
            },
        ];
        for event in events {
            let text = serde_json::to_string(&event).unwrap();
            assert!(text.starts_with("{\"type\":\""), "{text}");
            assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
        }
    }

    #[test]
    fn the_last_event_is_the_one_that_is_promised() {
        let ended = Event::of(EventKind::Ended {
            outcome: Outcome::Resolved,
            message: String::new(),
            paged: Vec::new(),
            pending: Vec::new(),
        });
        let text = serde_json::to_string(&ended).unwrap();
        assert!(text.starts_with(r#"{"type":"ended","outcome":"resolved","#), "{text}");
    }
}
