//! What happens in a session, told as a run is told; lines are those of what was typed.

use super::evaluate::decided;
use super::places::Places;
use crate::repl::given_layer::{GIVEN, Givens};
use rbl_report::story::Page;
use rbl_runtime::{Decision, Event, EventKind, Observer, Origin, Then};

/// Tells each event on the page, and keeps it.
pub(super) struct Told<'a> {
    page: &'a mut Page,
    places: Places,
    events: &'a mut Vec<Event>,
    givens: &'a Givens,
    decision: Option<Decision>,
    quiet: bool,
}

impl<'a> Told<'a> {
    /// Tells on this page; lines are told by these places. What is given is told when a wait begins.
    pub(super) fn new(
        page: &'a mut Page,
        places: Places,
        events: &'a mut Vec<Event>,
        givens: &'a Givens,
    ) -> Self {
        Self { page, places, events, givens, decision: None, quiet: false }
    }

    /// Keeps what happens, and tells nothing: the value says it.
    #[must_use]
    pub(super) fn quietly(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// The last decision.
    pub(super) fn decision(&self) -> Option<Decision> {
        self.decision.clone()
    }

    /// One thing happened.
    pub(super) fn tell(&mut self, event: &Event) {
        if matches!(event.kind, EventKind::Waiting { .. }) {
            self.givens.wait_begins();
        }
        let mut event = event.clone();
        if let EventKind::Decided(decision) = &mut event.kind {
            self.here(&mut decision.then);
        } else if let EventKind::ActionEnded { then: Some(then), .. }
        | EventKind::WaitEnded { then, .. }
        | EventKind::Escalated { then, .. }
        | EventKind::RunEnded { then, .. } = &mut event.kind
        {
            self.here(then);
        }
        if let Some(decision) = decided(&event) {
            self.decision = Some(decision.clone());
        }
        // A value that was given a name is shown at greater length.
        if !(self.quiet || self.places.is_typed() && matches!(event.kind, EventKind::Let { .. })) {
            self.page.event(&marked(&event));
        }
        self.events.push(event);
    }

    fn here(&self, then: &mut Then) {
        if let Then::Arm { line, .. } = then {
            *line = self.places.line(*line);
        }
    }
}

/// The event as it is told: a value that was given says so.
pub(super) fn marked(event: &Event) -> Event {
    let mut event = event.clone();
    let decision = match &mut event.kind {
        EventKind::Decided(decision) | EventKind::Polled { decision, .. } => Some(decision),
        _ => None,
    };
    for operand in decision.into_iter().flat_map(|it| &mut it.operands) {
        if matches!(&operand.from, Origin::Provider(name) if name == GIVEN) {
            operand.value.text.push_str(" (given)");
        }
    }
    event
}

impl Observer for Told<'_> {
    fn event(&mut self, event: &Event) {
        self.tell(event);
    }
}
