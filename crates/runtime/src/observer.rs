//! Whoever follows a run: the terminal, the JSON output, the journal, the repl.

use smol_str::SmolStr;

use super::Event;
use super::environment::Environment;
use rbl_syntax::source::Place;
use rbl_syntax::value::Value;

/// Is told everything that happens, in order.
pub trait Observer {
    /// One thing happened. Time is the observer's own to stamp.
    fn event(&mut self, event: &Event);

    /// A statement is about to be walked. Whoever steps through a run waits here.
    fn statement(&mut self, _at: &At<'_>) {}

    /// One thing that was told before, in an earlier turn at the same run: to be remembered, and not told again.
    fn past(&mut self, _: &Event) {}

    /// Whether it wants to be told at all. An event is only built for those who do.
    fn wants_events(&self) -> bool {
        true
    }

    /// Whether it wants every look at the world: each reading, and each poll that decided nothing. For who does not, the
    /// decision that came of them tells what was read, and [`Self::looked_again`] that there was such a poll.
    fn wants_looks(&self) -> bool {
        self.wants_events()
    }

    /// A poll decided nothing; told to who does not want it as an event.
    fn looked_again(&mut self) {}
}

/// Where a run stands: before a statement.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    /// The statement.
    pub place: Place,
    /// How many runbooks deep.
    pub depth: u32,
    pub(super) environment: &'a Environment,
}

impl At<'_> {
    /// Every name in scope with its value; a later one hides an earlier one of the same name.
    pub fn names(&self) -> impl Iterator<Item = (&SmolStr, &Value)> {
        self.environment.iter()
    }
}

/// Follows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn event(&mut self, _: &Event) {}

    fn wants_events(&self) -> bool {
        false
    }
}

/// Keeps every event, in order.
impl Observer for Vec<Event> {
    fn event(&mut self, event: &Event) {
        self.push(event.clone());
    }
}

impl<O: Observer + ?Sized> Observer for &mut O {
    fn event(&mut self, event: &Event) {
        (**self).event(event);
    }

    fn statement(&mut self, at: &At<'_>) {
        (**self).statement(at);
    }

    fn past(&mut self, event: &Event) {
        (**self).past(event);
    }

    fn wants_events(&self) -> bool {
        (**self).wants_events()
    }

    fn wants_looks(&self) -> bool {
        (**self).wants_looks()
    }

    fn looked_again(&mut self) {
        (**self).looked_again();
    }
}

impl<O: Observer + ?Sized> Observer for Box<O> {
    fn event(&mut self, event: &Event) {
        (**self).event(event);
    }

    fn statement(&mut self, at: &At<'_>) {
        (**self).statement(at);
    }

    fn past(&mut self, event: &Event) {
        (**self).past(event);
    }

    fn wants_events(&self) -> bool {
        (**self).wants_events()
    }

    fn wants_looks(&self) -> bool {
        (**self).wants_looks()
    }

    fn looked_again(&mut self) {
        (**self).looked_again();
    }
}
