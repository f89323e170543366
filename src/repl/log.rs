//! What happened in a session, apart from the walk through a loaded runbook, and the last decision of both.

use std::io::Write;

use rbl_runtime::{Decision, Event};

/// The most bytes of events, as they would be written down, that a session remembers.
const MOST_KEPT: usize = 32 << 20;

/// The events of a session; of very long ones the last.
#[derive(Debug, Default)]
pub(super) struct SessionLog {
    pub(super) events: Vec<Event>,
    /// The size of each event, as far as they were counted.
    sizes: Vec<usize>,
    decision: Option<Decision>,
}

impl SessionLog {
    /// Notes what a statement decided; without a decision, the last stays. Forgets the first events where there are too
    /// many.
    pub(super) fn decided(&mut self, decision: Option<Decision>) {
        self.decision = decision.or(self.decision.take());
        let new = self.events.iter().skip(self.sizes.len()).map(size);
        self.sizes.extend(new);
        let mut held: usize = self.sizes.iter().sum();
        let forgotten = self.sizes.iter().take_while(|size| {
            let forgets = held > MOST_KEPT;
            held -= **size;
            forgets
        });
        let forgotten = forgotten.count();
        self.sizes.drain(..forgotten);
        self.events.drain(..forgotten);
    }

    /// The last decision.
    pub(super) fn decision(&self) -> Option<&Decision> {
        self.decision.as_ref()
    }
}

/// The size of an event as it would be written down.
fn size(event: &Event) -> usize {
    struct Counter(usize);
    impl Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    // What cannot be written has no size; that is no event of a session.
    let _ = serde_json::to_writer(&mut counter, event);
    counter.0
}

#[cfg(test)]
mod tests {
    use rbl_runtime::EventKind;

    use super::*;

    #[test]
    fn of_much_that_happened_the_last_is_remembered() {
        let mut log = SessionLog::default();
        let said = |text: String| Event { place: None, kind: EventKind::Unhandled { what: text }, depth: 0 };
        for number in 0..40 {
            log.events.push(said(format!("{number} {}", "x".repeat(1 << 20))));
            log.decided(None);
        }
        assert!((30..32).contains(&log.events.len()), "{}", log.events.len());
        let last = log.events.last().map(|event| &event.kind);
        assert!(matches!(last, Some(EventKind::Unhandled { what }) if what.starts_with("39 ")));
    }
}
