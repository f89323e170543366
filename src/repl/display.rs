//! The observer of a session: prints events as a run does, with the line numbers of the input.

use std::borrow::Cow;

use super::source_map::Places;
use crate::repl::given_layer::{GIVEN, Givens};
use rbl_report::story::PagePrinter;
use rbl_runtime::{Decision, Event, EventKind, Observer, Operand, Origin, Then};

/// Prints each event on the page, and keeps it.
pub(super) struct EventPrinter<'a> {
    page: &'a mut PagePrinter,
    places: Places,
    events: &'a mut Vec<Event>,
    givens: &'a Givens,
    decision: Option<Decision>,
    quiet: bool,
}

impl<'a> EventPrinter<'a> {
    /// Returns an observer that prints on `page`, with lines mapped by `places`. `givens` is notified when a wait
    /// begins.
    pub(super) fn new(
        page: &'a mut PagePrinter,
        places: Places,
        events: &'a mut Vec<Event>,
        givens: &'a Givens,
    ) -> Self {
        Self { page, places, events, givens, decision: None, quiet: false }
    }

    /// Keeps events without printing them: the value is shown instead.
    #[must_use]
    pub(super) fn quietly(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// The last decision.
    pub(super) fn decision(&self) -> Option<Decision> {
        self.decision.clone()
    }

    /// Prints one event, and keeps it.
    pub(super) fn print(&mut self, event: &Event) {
        if matches!(event.kind, EventKind::Waiting { .. }) {
            self.givens.wait_begins();
        }
        let mut event = event.clone();
        if let Some(then) = event.kind.then_mut() {
            self.here(then);
        }
        if let Some(decision) = event.kind.decision() {
            self.decision = Some(decision.clone());
        }
        // A named value is shown in more detail by the session.
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

/// Marks the values in an event that were given.
pub(super) fn marked(event: &Event) -> Cow<'_, Event> {
    let is_given = |it: &Operand| matches!(&it.from, Origin::Provider(name) if name == GIVEN);
    if !event.kind.decision().is_some_and(|it| it.operands.iter().any(is_given)) {
        return Cow::Borrowed(event);
    }
    let mut event = event.clone();
    for operand in event.kind.decision_mut().into_iter().flat_map(|it| &mut it.operands) {
        if is_given(operand) {
            operand.value.text.push_str(" (given)");
        }
    }
    Cow::Owned(event)
}

impl Observer for EventPrinter<'_> {
    fn event(&mut self, event: &Event) {
        self.print(event);
    }
}
