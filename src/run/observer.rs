//! Whoever follows a run: the terminal, the JSON output, the journal, the repl.

use super::Event;

/// Is told everything that happens, in order.
pub trait Observer {
    /// One thing happened. Time is the observer's own to stamp.
    fn event(&mut self, event: &Event);

    /// One thing that was told before, in an earlier turn at the same run: to be remembered, and not told again.
    fn past(&mut self, _: &Event) {}

    /// Whether it wants to be told at all. An event is only built for those who do.
    fn wants_events(&self) -> bool {
        true
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

    fn past(&mut self, event: &Event) {
        (**self).past(event);
    }

    fn wants_events(&self) -> bool {
        (**self).wants_events()
    }
}

impl<O: Observer + ?Sized> Observer for Box<O> {
    fn event(&mut self, event: &Event) {
        (**self).event(event);
    }

    fn past(&mut self, event: &Event) {
        (**self).past(event);
    }

    fn wants_events(&self) -> bool {
        (**self).wants_events()
    }
}
