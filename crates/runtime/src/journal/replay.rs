//! Replays a run from its records alone: the same interpreter, without a world.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::open::set_aside;
use super::{Difference, Entry, Own, Record};
use crate::journal::replay_cursor::{Found, Past};
use crate::{Effect, Ended, Event, Interrupt, Observer, Reply, Start, World};
use rbl_check::Program;
use rbl_syntax::value::Time;

/// The time of the event being replayed, for an observer that prints times.
#[derive(Debug, Clone, Default)]
pub struct Stamp(Rc<Cell<Option<Time>>>);

impl Stamp {
    /// The time; `None`: now.
    pub fn time(&self) -> Option<Time> {
        self.0.get()
    }

    /// Sets the time of what follows; `None`: it happens now.
    pub fn set(&self, time: Option<Time>) {
        self.0.set(time);
    }
}

/// The layers between a run and its recorded world, to wrap around the replay: approvals ask before an action, and
/// their questions are among the records.
pub type Layers<'l> = &'l dyn for<'w> Fn(Box<dyn World + 'w>) -> Box<dyn World + 'w>;

/// The result of a replay.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// How the run ended. For a run that is not over: that it waits.
    pub ended: Ended,
    /// Where it first differed from the records.
    pub difference: Option<Difference>,
    /// The records end in the middle: the process of the run died, or is still running.
    pub cut_off: bool,
    /// The number of events replayed.
    pub events: usize,
}

/// Replays runs.
#[derive(Default)]
pub struct Replay {
    stamp: Stamp,
}

struct Shared<'o> {
    past: Past,
    stamp: Stamp,
    observer: &'o mut dyn Observer,
    end: End,
    events: usize,
}

#[derive(PartialEq)]
enum End {
    NotYet,
    /// The records say that it waits: the events of the parking are reported.
    Waits,
    /// The records end.
    CutOff,
    Differs(Difference),
}

impl Replay {
    /// A replayer that sets this stamp.
    pub fn new(stamp: Stamp) -> Self {
        Self { stamp }
    }

    /// Replays the run of these records, through the layers the run used.
    pub fn tell(
        &self,
        program: &Program,
        start: &Start,
        layers: Layers<'_>,
        records: Vec<Record>,
        observer: &mut dyn Observer,
    ) -> Replayed {
        let past = Past::new(records);
        let shared =
            RefCell::new(Shared { past, stamp: self.stamp.clone(), observer, end: End::NotYet, events: 0 });
        let mut world = layers(Box::new(Told(&shared)));
        let ended = crate::run(program, start, &mut world, &mut Teller(&shared));
        drop(world);
        let mut shared = shared.into_inner();
        let left = matches!(shared.end, End::NotYet) && !shared.past.is_over();
        let events = shared.events;
        let (difference, cut_off) = match shared.end {
            End::Differs(difference) => (Some(difference), false),
            End::CutOff => (None, true),
            End::NotYet if left => (Some(shared.past.left_over()), false),
            End::NotYet | End::Waits => (None, false),
        };
        Replayed { ended, difference, cut_off, events }
    }
}

struct Told<'s, 'o>(&'s RefCell<Shared<'o>>);
struct Teller<'s, 'o>(&'s RefCell<Shared<'o>>);

impl World for Told<'_, '_> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let mut shared = self.0.borrow_mut();
        if shared.end != End::NotYet {
            return Err(set_aside());
        }
        if shared.past.is_over() {
            return Err(shared.over());
        }
        let intent = Entry::Own(Own::Intent { intent: effect.clone() });
        match shared.past.effect(&intent.data(), effect) {
            Ok((found, own)) => {
                for (at, event) in own {
                    shared.told(at, &event);
                }
                match found {
                    Found::Reply(reply) => Ok(reply),
                    Found::BrokenOff(by) => Err(Interrupt::Aborted { by }),
                    Found::Cut(_) => Err(shared.over()),
                }
            }
            Err(difference) => {
                shared.end = End::Differs(difference);
                Err(set_aside())
            }
        }
    }
}

impl Observer for Teller<'_, '_> {
    fn event(&mut self, event: &Event) {
        let mut shared = self.0.borrow_mut();
        let over = shared.past.is_over();
        match shared.end {
            End::NotYet if over => shared.end = End::CutOff,
            End::NotYet => {
                let data = Entry::Event(event.clone()).data();
                match shared.past.event(&data, event) {
                    Ok(at) => shared.told(at, event),
                    Err(difference) => shared.end = End::Differs(difference),
                }
            }
            End::Waits => {
                shared.events += 1;
                shared.observer.event(event);
            }
            End::CutOff | End::Differs(_) => {}
        }
    }
}

impl Shared<'_> {
    fn told(&mut self, at: Time, event: &Event) {
        self.stamp.set(Some(at));
        self.events += 1;
        self.observer.event(event);
    }

    /// The end of the records: the run waits, or was cut off.
    fn over(&mut self) -> Interrupt {
        if let Some(parked) = self.past.parked() {
            let interrupt = Interrupt::Parked(parked.clone());
            self.end = End::Waits;
            return interrupt;
        }
        self.end = End::CutOff;
        set_aside()
    }
}
