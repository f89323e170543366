//! [`RunTrace`]: everything that can be seen of one run in a scripted world, its effects and its events.

use std::cell::RefCell;
use std::rc::Rc;

use crate::scripted::{Scripted, SimulatedClock};
use crate::{Premise, SimulatedRun};
use rbl_check::Program;
use rbl_runtime::{Act, ActTarget, Effect, Event, Interrupt, Observer, Reply, RunEnd, World, run};

/// Everything that was seen of a run.
#[derive(Debug, Clone)]
pub struct RunTrace {
    /// All events, in order.
    pub events: Vec<Event>,
    /// The simulated seconds at each event.
    pub at: Vec<f64>,
    /// All effects, each with the number of events before it and the simulated seconds when it was requested.
    pub effects: Vec<(usize, f64, Effect)>,
    /// How it ended.
    pub ended: RunEnd,
    /// The simulated seconds that it took.
    pub seconds: f64,
    /// Whether it did not end and was aborted.
    pub ran_away: bool,
    /// The steps that it computed.
    pub steps: u64,
}

/// As many steps of an expression take as long as an event.
const STEPS_OF_AN_EVENT: u64 = 300;

/// As many pieces of a command, its values among them, take as long as an event.
const PIECES_OF_AN_EVENT: usize = 8;

impl RunTrace {
    /// How much work the run was, in events.
    pub(super) fn work(&self) -> usize {
        let pieces = self.effects.iter().map(|(_, _, effect)| pieces(effect)).sum();
        work(self.events.len() + self.effects.len(), pieces, self.steps)
    }
}

/// How many pieces the command or the query of an effect has.
fn pieces(effect: &Effect) -> usize {
    match effect {
        Effect::Act(act) => pieces_of_act(act),
        Effect::Probe(probe) => probe.command.0.len(),
        Effect::Read(read) => read.query.0.len(),
        Effect::Now
        | Effect::Sleep(_)
        | Effect::Firing(_)
        | Effect::Mode(_)
        | Effect::Ask(_)
        | Effect::Page(_)
        | Effect::Acknowledge(_)
        | Effect::Record(_)
        | Effect::Secret { .. }
        | Effect::Lock(_)
        | Effect::Enter(_)
        | Effect::Leave(_)
        | Effect::Conclude(_) => 0,
    }
}

/// How many pieces the command of an action has.
pub(super) fn pieces_of_act(act: &Act) -> usize {
    match &act.target {
        ActTarget::Command(command) => command.0.len(),
        ActTarget::Executor { reference, .. } => reference.0.len(),
        ActTarget::Instruction(_) => 0,
    }
}

/// How much work a run was, in events: those that it had, the pieces of its commands, and the steps that it computed.
pub(super) fn work(events: usize, pieces: usize, steps: u64) -> usize {
    let events = events.saturating_add(pieces / PIECES_OF_AN_EVENT);
    events.saturating_add(usize::try_from(steps / STEPS_OF_AN_EVENT).unwrap_or(usize::MAX))
}

/// The record that both sides of a run share.
#[derive(Debug, Default)]
struct TraceNotes {
    events: Vec<Event>,
    at: Vec<f64>,
    effects: Vec<(usize, f64, Effect)>,
}

/// Wraps the world and records the effects.
struct TraceWorld<'n, W> {
    inner: W,
    clock: SimulatedClock,
    notes: &'n RefCell<TraceNotes>,
}

/// Observes the run and records the events.
#[derive(Clone)]
pub(super) struct TraceObserver {
    clock: SimulatedClock,
    notes: Rc<RefCell<TraceNotes>>,
}

impl<W: World> World for TraceWorld<'_, W> {
    fn computed(&mut self, steps: u64) -> Result<(), Interrupt> {
        self.inner.computed(steps)
    }

    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        if *effect != Effect::Now {
            let mut notes = self.notes.borrow_mut();
            let events_before = notes.events.len();
            notes.effects.push((events_before, self.clock.seconds(), effect.clone()));
        }
        self.inner.perform(effect)
    }
}

impl Observer for TraceObserver {
    fn event(&mut self, event: &Event) {
        let mut notes = self.notes.borrow_mut();
        notes.events.push(event.clone());
        notes.at.push(self.clock.seconds());
    }
}

/// Returns what is seen of the run of a premise.
pub fn trace(program: &Program, premise: &Premise) -> RunTrace {
    let simulated = SimulatedRun::of(program, premise.clone());
    let clock = SimulatedClock::at(simulated.begins);
    let mut world = Scripted::new(&simulated.script, program, clock.clone());
    let mut trace = seen(&clock, &mut world, |door, listener| run(program, &simulated.start, door, listener));
    trace.ran_away = world.ran_away();
    trace.steps = world.steps();
    trace
}

/// Runs a program in a world, with the given function, and records what is seen.
pub(super) fn seen(
    clock: &SimulatedClock,
    world: &mut dyn World,
    drive: impl FnOnce(&mut dyn World, &mut TraceObserver) -> RunEnd,
) -> RunTrace {
    let notes = Rc::new(RefCell::new(TraceNotes::default()));
    let ended = {
        let mut door = TraceWorld { inner: world, clock: clock.clone(), notes: &notes };
        let mut listener = TraceObserver { clock: clock.clone(), notes: Rc::clone(&notes) };
        drive(&mut door, &mut listener)
    };
    let notes = notes.take();
    RunTrace {
        events: notes.events,
        at: notes.at,
        effects: notes.effects,
        ended,
        seconds: clock.seconds(),
        ran_away: false,
        steps: 0,
    }
}
