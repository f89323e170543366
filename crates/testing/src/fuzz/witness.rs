//! Everything that can be seen of one run in a scripted world: what it asked of the world, and what it told.

use std::cell::RefCell;
use std::rc::Rc;

use crate::scripted::{Scripted, SimulatedClock};
use crate::{Premise, Rehearsal};
use rbl_check::Program;
use rbl_runtime::{Effect, Ended, Event, Interrupt, Observer, Reply, World, run};

/// What was seen of a run.
#[derive(Debug, Clone)]
pub struct Witness {
    /// Everything that it told, in order.
    pub events: Vec<Event>,
    /// The simulated seconds at each of them.
    pub at: Vec<f64>,
    /// Everything that it asked of the world, each with how many events were told before, and how many seconds had
    /// passed when it was asked.
    pub effects: Vec<(usize, f64, Effect)>,
    /// How it ended.
    pub ended: Ended,
    /// After how many simulated seconds.
    pub seconds: f64,
    /// Whether it did not come to an end, and was broken off.
    pub ran_away: bool,
}

/// What the two sides of a run write down.
#[derive(Debug, Default)]
struct Notes {
    events: Vec<Event>,
    at: Vec<f64>,
    effects: Vec<(usize, f64, Effect)>,
}

/// The world's side.
struct Door<'n, W> {
    inner: W,
    clock: SimulatedClock,
    notes: &'n RefCell<Notes>,
}

/// The story's side.
#[derive(Clone)]
pub(super) struct Listener {
    clock: SimulatedClock,
    notes: Rc<RefCell<Notes>>,
}

impl<W: World> World for Door<'_, W> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        if *effect != Effect::Now {
            let mut notes = self.notes.borrow_mut();
            let told = notes.events.len();
            notes.effects.push((told, self.clock.seconds(), effect.clone()));
        }
        self.inner.perform(effect)
    }
}

impl Observer for Listener {
    fn event(&mut self, event: &Event) {
        let mut notes = self.notes.borrow_mut();
        notes.events.push(event.clone());
        notes.at.push(self.clock.seconds());
    }
}

/// What is seen of the run of a premise.
pub fn witness(program: &Program, premise: &Premise) -> Witness {
    let rehearsal = Rehearsal::of(program, premise.clone());
    let clock = SimulatedClock::at(rehearsal.begins);
    let mut world = Scripted::new(&rehearsal.script, program, clock.clone());
    let mut witness =
        seen(&clock, &mut world, |door, listener| run(program, &rehearsal.start, door, listener));
    witness.ran_away = world.ran_away();
    witness
}

/// Drives a run in a world, in whatever way, and keeps what is seen of it.
pub(super) fn seen(
    clock: &SimulatedClock,
    world: &mut dyn World,
    drive: impl FnOnce(&mut dyn World, &mut Listener) -> Ended,
) -> Witness {
    let notes = Rc::new(RefCell::new(Notes::default()));
    let ended = {
        let mut door = Door { inner: world, clock: clock.clone(), notes: &notes };
        let mut listener = Listener { clock: clock.clone(), notes: Rc::clone(&notes) };
        drive(&mut door, &mut listener)
    };
    let notes = notes.take();
    Witness {
        events: notes.events,
        at: notes.at,
        effects: notes.effects,
        ended,
        seconds: clock.seconds(),
        ran_away: false,
    }
}
