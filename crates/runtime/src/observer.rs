//! [`Observer`]: receives the events of a run. Observers are the terminal, the JSON output, the journal and the repl.

use smol_str::SmolStr;

use super::Event;
use super::environment::Environment;
use rbl_syntax::source::Place;
use rbl_syntax::value::Value;

/// Receives everything that happens in a run, in order.
pub trait Observer {
    /// Called for every event. The observer adds the time.
    fn event(&mut self, event: &Event);

    /// Called before a statement runs. A stepper pauses here.
    fn statement(&mut self, _at: &StatementPosition<'_>) {}

    /// Called for an event that was reported in an earlier turn at the same run: to remember, not to show again.
    fn earlier_event(&mut self, _: &Event) {}

    /// Whether it wants events. An event is built only for an observer that does.
    fn wants_events(&self) -> bool {
        true
    }

    /// Whether it wants every look at the world: each reading, and each poll that decided nothing. One that does not
    /// learns the readings from the decision they led to, and of such a poll through [`Self::polled`].
    fn wants_readings(&self) -> bool {
        self.wants_events()
    }

    /// Called for a poll that decided nothing, if [`Self::wants_readings`] is false.
    fn polled(&mut self) {}

    /// Called before the run asks for anything that may take time, such as an action, a reading or a wait: an observer
    /// that keeps its output for a moment writes it out now.
    fn pauses(&mut self) {}

    /// Whether it wants what only explains a run: its decisions, passes, texts and values, and what was asked, waited
    /// for and answered. One that does not learns what was done: steps, actions, pages, records, and how it ended.
    fn wants_details(&self) -> bool {
        self.wants_events()
    }
}

/// The position of a run: before a statement.
#[derive(Debug, Clone, Copy)]
pub struct StatementPosition<'a> {
    /// The statement.
    pub place: Place,
    /// The nesting depth of runbooks.
    pub depth: u32,
    pub(super) environment: &'a Environment,
}

impl StatementPosition<'_> {
    /// Every name in scope with its value; a later one shadows an earlier one of the same name.
    pub fn names(&self) -> impl Iterator<Item = (&SmolStr, &Value)> {
        self.environment.iter()
    }
}

/// An observer that ignores everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn event(&mut self, _: &Event) {}

    fn wants_events(&self) -> bool {
        false
    }
}

/// Collects every event, in order.
impl Observer for Vec<Event> {
    fn event(&mut self, event: &Event) {
        self.push(event.clone());
    }
}

impl<O: Observer + ?Sized> Observer for &mut O {
    fn event(&mut self, event: &Event) {
        (**self).event(event);
    }

    fn statement(&mut self, at: &StatementPosition<'_>) {
        (**self).statement(at);
    }

    fn earlier_event(&mut self, event: &Event) {
        (**self).earlier_event(event);
    }

    fn wants_events(&self) -> bool {
        (**self).wants_events()
    }

    fn wants_readings(&self) -> bool {
        (**self).wants_readings()
    }

    fn polled(&mut self) {
        (**self).polled();
    }

    fn pauses(&mut self) {
        (**self).pauses();
    }

    fn wants_details(&self) -> bool {
        (**self).wants_details()
    }
}

impl<O: Observer + ?Sized> Observer for Box<O> {
    fn event(&mut self, event: &Event) {
        (**self).event(event);
    }

    fn statement(&mut self, at: &StatementPosition<'_>) {
        (**self).statement(at);
    }

    fn earlier_event(&mut self, event: &Event) {
        (**self).earlier_event(event);
    }

    fn wants_events(&self) -> bool {
        (**self).wants_events()
    }

    fn wants_readings(&self) -> bool {
        (**self).wants_readings()
    }

    fn polled(&mut self) {
        (**self).polled();
    }

    fn pauses(&mut self) {
        (**self).pauses();
    }

    fn wants_details(&self) -> bool {
        (**self).wants_details()
    }
}
