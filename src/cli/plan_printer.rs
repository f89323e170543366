//! [`PlanPrinter`]: prints the walk of a plan while it happens, and keeps what the ways to continue are found by.
//!
//! *Why it leaves out passes:* a plan of a `for each` over ten thousand elements is read by nobody, and its events do not
//! fit into memory.

use rbl_runtime::{Event, EventKind, Observer};
use rbl_syntax::source::Place;

/// How many passes of a `for each` are shown.
const SHOWN: u32 = 2;

/// An observer that shows the first passes of each loop, and the one in which the walk ends.
pub(super) struct PlanPrinter {
    events: Vec<Event>,
    printer: Box<dyn Observer>,
    /// The loop whose passes are held back, outermost first, and the events of its current pass.
    held: Option<HeldPass>,
    /// The number of passes that were left out of each loop that is open, outermost first.
    open: Vec<OpenLoop>,
}

struct OpenLoop {
    place: Option<Place>,
    /// How deep the runbook is nested that it stands in.
    runbook: u32,
    left_out: u32,
}

struct HeldPass {
    /// How many loops were open when it began.
    depth: usize,
    events: Vec<Event>,
    /// Whether somebody is paged in it, or something is recorded.
    announces: bool,
}

impl PlanPrinter {
    /// Prints with this observer.
    pub(super) fn new(printer: Box<dyn Observer>) -> Self {
        Self { events: Vec::new(), printer, held: None, open: Vec::new() }
    }

    /// The events of the walk, without those of passes like the ones before them.
    pub(super) fn into_events(self) -> Vec<Event> {
        self.events
    }

    fn show(&mut self, event: Event) {
        self.printer.event(&event);
        self.events.push(event);
    }

    /// A held pass is over: it is left out, unless it announces something.
    fn release(&mut self) {
        let Some(held) = self.held.take() else { return };
        if held.announces {
            for event in held.events {
                self.show(event);
            }
        } else if let Some(outer) = self.open.get_mut(held.depth - 1) {
            outer.left_out += 1;
        }
    }

    /// The walk ends in a held pass: it is shown.
    fn show_held(&mut self) {
        let held = self.held.take().map(|held| held.events).unwrap_or_default();
        for event in held {
            self.show(event);
        }
    }

    fn place(event: &Event) -> Option<Place> {
        event.place.as_ref().map(|place| place.span.in_source(place.source))
    }
}

impl Observer for PlanPrinter {
    fn event(&mut self, event: &Event) {
        while self.open.last().is_some_and(|open| open.runbook > event.depth) {
            // The runbook that held this loop ended within it.
            self.open.pop();
        }
        if self.held.as_ref().is_some_and(|held| held.depth > self.open.len()) {
            self.show_held();
        }
        let depth = self.open.len();
        let is_loop = self.open.last().is_some_and(|open| open.place == Self::place(event));
        let mut event = event.clone();
        let is_over = self.held.as_ref().is_some_and(|held| held.depth == depth);
        if let (EventKind::Pass { number, .. }, true) = (&event.kind, is_loop) {
            if is_over {
                self.release();
            }
            if *number > SHOWN && self.held.is_none() {
                self.held = Some(HeldPass { depth, events: Vec::new(), announces: false });
            }
        } else if let (EventKind::LoopEnded { passes, alike }, true) = (&mut event.kind, is_loop) {
            if is_over {
                self.release();
            }
            let left_out = self.open.pop().map_or(0, |open| open.left_out);
            *passes -= left_out.min(*passes);
            *alike += left_out;
        } else if let EventKind::LoopStarted { .. } = &event.kind {
            self.open.push(OpenLoop { place: Self::place(&event), runbook: event.depth, left_out: 0 });
        } else if event.kind.may_park() || meaning(&event.kind) == PassEvent::Ends {
            self.show_held();
        } else if let (Some(held), true) = (&mut self.held, meaning(&event.kind) == PassEvent::Announces) {
            held.announces = true;
        }
        match &mut self.held {
            Some(held) => held.events.push(event),
            None => self.show(event),
        }
    }

    fn pauses(&mut self) {
        self.printer.pauses();
    }
}

/// What an event means for the pass that it is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PassEvent {
    /// Somebody would hear of it.
    Announces,
    /// The walk, or the runbook that runs, ends with it.
    Ends,
    /// Nothing of that.
    Usual,
}

fn meaning(kind: &EventKind) -> PassEvent {
    match kind {
        EventKind::Escalated { .. } | EventKind::Recorded { .. } => PassEvent::Announces,
        EventKind::Ended { .. }
        | EventKind::Parked { .. }
        | EventKind::Resolved { .. }
        | EventKind::Stopped { .. }
        | EventKind::Unhandled { .. }
        | EventKind::Aborted { .. } => PassEvent::Ends,
        EventKind::Started { .. }
        | EventKind::StepStarted { .. }
        | EventKind::StepEnded { .. }
        | EventKind::Noted { .. }
        | EventKind::Prose { .. }
        | EventKind::Read { .. }
        | EventKind::Probed { .. }
        | EventKind::Asked { .. }
        | EventKind::Answered { .. }
        | EventKind::ActionStarted { .. }
        | EventKind::ActionEnded { .. }
        | EventKind::ActionRetried { .. }
        | EventKind::Waiting { .. }
        | EventKind::Polled { .. }
        | EventKind::WaitEnded { .. }
        | EventKind::Acknowledged { .. }
        | EventKind::Let { .. }
        | EventKind::LoopStarted { .. }
        | EventKind::Pass { .. }
        | EventKind::LoopEnded { .. }
        | EventKind::RunStarted { .. }
        | EventKind::RunEnded { .. }
        | EventKind::Locked { .. }
        | EventKind::RunLimited { .. }
        | EventKind::CleanupStarted { .. }
        | EventKind::CleanupEnded { .. }
        | EventKind::Decided(_) => PassEvent::Usual,
    }
}
