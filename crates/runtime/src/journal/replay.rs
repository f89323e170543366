//! Replays a run from its records alone: the same interpreter, without a world.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::closed_question::hears_of_questions;
use super::pending_effect::parked;
use super::{EffectSite, Entry, JournalRecord, ReplayDifference};
use crate::journal::entry::is_kept;
use crate::journal::replay_cursor::{RecordedResult, ReplayCursor, Strictness};
use crate::{DeliveryTicket, Effect, Event, Interrupt, Observer, Reply, RunEnd, Start, WaitProgress, World};
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
pub type ReplayLayers<'l> = &'l dyn for<'w> Fn(Box<dyn World + 'w>) -> Box<dyn World + 'w>;

/// The result of a replay.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// How the run ended. For a run that is not over: that it waits.
    pub ended: RunEnd,
    /// Where it first differed from the records.
    pub difference: Option<ReplayDifference>,
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

struct ReplayState<'o> {
    cursor: ReplayCursor,
    stamp: Stamp,
    observer: &'o mut dyn Observer,
    end: ReplayEnd,
    events: usize,
    /// What questions left at services that hear how the run ends.
    tickets: Vec<DeliveryTicket>,
}

#[derive(PartialEq)]
enum ReplayEnd {
    NotYet,
    /// The records say that it waits: the events of the parking are reported.
    Waits,
    /// The records end.
    CutOff,
    Differs(ReplayDifference),
}

impl Replay {
    /// A replayer that sets this stamp.
    pub fn new(stamp: Stamp) -> Self {
        Self { stamp }
    }

    /// Replays the run of these records, through the layers the run used.
    pub fn replay(
        &self,
        program: &Program,
        start: &Start,
        layers: ReplayLayers<'_>,
        records: Vec<JournalRecord>,
        observer: &mut dyn Observer,
    ) -> Replayed {
        let past = ReplayCursor::new(records, Strictness::Exact);
        let shared = RefCell::new(ReplayState {
            cursor: past,
            stamp: self.stamp.clone(),
            observer,
            end: ReplayEnd::NotYet,
            events: 0,
            tickets: Vec::new(),
        });
        let mut world = layers(Box::new(ReplayWorld(&shared)));
        let ended = crate::run(program, start, &mut world, &mut ReplayObserver(&shared));
        drop(world);
        let mut shared = shared.into_inner();
        let left = matches!(shared.end, ReplayEnd::NotYet) && !shared.cursor.is_over();
        let events = shared.events;
        let (difference, cut_off) = match shared.end {
            ReplayEnd::Differs(difference) => (Some(difference), false),
            ReplayEnd::CutOff => (None, true),
            ReplayEnd::NotYet if left => (Some(shared.cursor.left_over()), false),
            ReplayEnd::NotYet | ReplayEnd::Waits => (None, false),
        };
        Replayed { ended, difference, cut_off, events }
    }
}

struct ReplayWorld<'s, 'o>(&'s RefCell<ReplayState<'o>>);
struct ReplayObserver<'s, 'o>(&'s RefCell<ReplayState<'o>>);

impl World for ReplayWorld<'_, '_> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let mut shared = self.0.borrow_mut();
        if shared.end != ReplayEnd::NotYet {
            return Err(parked());
        }
        if shared.cursor.is_over() {
            return Err(shared.over());
        }
        match shared.cursor.effect(effect, &EffectSite::default(), || effect.clone()) {
            Ok((found, own)) => {
                for (at, event) in own {
                    shared.report(at, &event);
                }
                for ticket in shared.cursor.take_closed().into_iter().filter_map(|step| step.ticket) {
                    if hears_of_questions(&ticket) && !shared.tickets.iter().any(|it| it.id == ticket.id) {
                        shared.tickets.push(ticket);
                    }
                }
                match found {
                    RecordedResult::Reply(reply) => Ok(reply),
                    RecordedResult::BrokenOff(by) => Err(Interrupt::Aborted { by }),
                    RecordedResult::Cut(_) => Err(shared.over()),
                }
            }
            Err(difference) => {
                shared.end = ReplayEnd::Differs(difference);
                Err(parked())
            }
        }
    }

    fn slept(&mut self) -> Option<WaitProgress> {
        self.0.borrow_mut().cursor.slept()
    }

    fn question_tickets(&self) -> Vec<DeliveryTicket> {
        self.0.borrow().tickets.clone()
    }
}

impl Observer for ReplayObserver<'_, '_> {
    fn event(&mut self, event: &Event) {
        let mut shared = self.0.borrow_mut();
        let over = shared.cursor.is_over();
        match shared.end {
            // It comes from a look, which is among the records.
            ReplayEnd::NotYet if !is_kept(event) => {
                shared.events += 1;
                shared.observer.event(event);
            }
            ReplayEnd::NotYet if over => shared.end = ReplayEnd::CutOff,
            ReplayEnd::NotYet => {
                let data = Entry::Event(event.clone()).data();
                match shared.cursor.event(&data, event) {
                    Ok(at) => shared.report(at, event),
                    Err(difference) => shared.end = ReplayEnd::Differs(difference),
                }
            }
            ReplayEnd::Waits => {
                shared.events += 1;
                shared.observer.event(event);
            }
            ReplayEnd::CutOff | ReplayEnd::Differs(_) => {}
        }
    }
}

impl ReplayState<'_> {
    fn report(&mut self, at: Time, event: &Event) {
        self.stamp.set(Some(at));
        self.events += 1;
        self.observer.event(event);
    }

    /// The end of the records: the run waits, or was cut off.
    fn over(&mut self) -> Interrupt {
        if let Some(parked) = self.cursor.parked() {
            let interrupt = Interrupt::Parked(parked.clone());
            self.end = ReplayEnd::Waits;
            return interrupt;
        }
        self.end = ReplayEnd::CutOff;
        parked()
    }
}
