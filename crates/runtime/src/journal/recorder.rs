//! What the journal keeps in mind while a run is driven: what is still walked again, what is being written, who follows.

use std::rc::Rc;

use super::writer::Writer;
use super::{Difference, Entry, Own, Record, Release, Signal, Stamp, StoreError};
use crate::journal::replay_cursor::{Cut, Past};
use crate::{Ask, Effect, Event, EventKind, Interrupt, Observer, Parked, Reply};
use rbl_syntax::value::Time;

/// Takes the values of secrets out of an entry; `None` where there are none in it.
pub type Redactor = Rc<dyn Fn(&Entry) -> Option<Entry>>;

/// How a run is driven.
#[derive(Clone)]
pub struct Options {
    /// What time it is.
    pub clock: Rc<dyn Fn() -> Time>,
    /// What takes secrets out of everything that is written and told.
    pub redact: Redactor,
    /// A sleep of a minute or more parks the run: nobody is there who would miss it.
    pub parks_sleeps: bool,
    /// Is told when that happened which is told again, and that the rest happens now.
    pub stamp: Stamp,
}

impl Default for Options {
    /// By the clock of this machine, without secrets, waiting for everything.
    fn default() -> Self {
        Self {
            clock: Rc::new(|| Time(jiff::Timestamp::now())),
            redact: Rc::new(|_| None),
            parks_sleeps: false,
            stamp: Stamp::default(),
        }
    }
}

/// Why a run goes no further in this process, besides what the run itself says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// Somebody else drives it by now.
    Fenced {
        /// Who, where it is known.
        by: Option<String>,
    },
    /// What the program does is not what was written down.
    Stuck(Difference),
}

/// How far it is.
#[derive(Debug)]
pub(super) enum Phase {
    /// It is walked: again, or anew.
    Walking,
    /// It was parked, and the walk unwinds: nothing of that is written but the parking itself.
    Parking,
    /// Nothing more is written, done or told.
    Stopped(Stopped),
}

/// See the file.
pub(super) struct Recorder {
    pub(super) past: Past,
    pub(super) writer: Writer,
    pub(super) signals: Vec<Signal>,
    /// Secrets that were typed in an earlier turn, and have to be typed again before they are used.
    pub(super) secrets: Vec<Ask>,
    pub(super) options: Options,
    pub(super) observer: Box<dyn Observer>,
    pub(super) phase: Phase,
}

impl Recorder {
    /// An entry as it may be written.
    pub(super) fn clean(&self, entry: Entry) -> Entry {
        (self.options.redact)(&entry).unwrap_or(entry)
    }

    /// Adds an entry; its place among the records.
    pub(super) fn push(&mut self, entry: &Entry) -> u64 {
        let now = (self.options.clock)();
        self.writer.push(entry, now)
    }

    /// Adds what is about to be asked of the world; its place among the records.
    pub(super) fn intend(&mut self, effect: &Effect) -> u64 {
        let entry = self.clean(Entry::Own(Own::Intent { intent: effect.clone() }));
        self.push(&entry)
    }

    /// The program, or the journal itself, tells something.
    pub(super) fn event(&mut self, event: &Event) {
        if matches!(self.phase, Phase::Stopped(_)) {
            return;
        }
        let clean = self.clean(Entry::Event(event.clone()));
        let Entry::Event(shown) = &clean else { return };
        if matches!(self.phase, Phase::Parking) {
            if matches!(event.kind, EventKind::Parked { .. }) {
                self.push(&clean);
            }
            self.observer.event(shown);
        } else if self.past.is_over() {
            self.push(&clean);
            self.observer.event(shown);
        } else {
            match self.past.event(&clean.data(), shown) {
                Ok(at) => {
                    self.options.stamp.set(Some(at));
                    self.observer.past(shown);
                    self.options.stamp.set(None);
                }
                Err(difference) => self.stop(Stopped::Stuck(difference)),
            }
        }
    }

    /// Goes no further here.
    pub(super) fn stop(&mut self, why: Stopped) {
        self.phase = Phase::Stopped(why);
    }

    /// The same, as what the walk unwinds with.
    pub(super) fn stopped(&mut self, why: Stopped) -> Interrupt {
        self.stop(why);
        Interrupt::Parked(Parked::SetAside)
    }

    /// The run waits for this.
    pub(super) fn park(&mut self, parked: Parked) -> Interrupt {
        self.phase = Phase::Parking;
        Interrupt::Parked(parked)
    }

    /// Makes an intent durable. Where that cannot be done it is taken back: it will not happen.
    pub(super) fn flush_intent(&mut self) -> Result<(), Interrupt> {
        self.writer.flush().map_err(|why| {
            self.writer.withdraw();
            match why {
                StoreError::Fenced { by } => self.stopped(Stopped::Fenced { by }),
                why => self.park(Parked::NotWritten(why.to_string())),
            }
        })
    }

    /// Makes durable what can be made durable now: whether it could be. Only who was fenced goes no further.
    pub(super) fn flush_if_possible(&mut self) -> Result<bool, Interrupt> {
        match self.writer.flush() {
            Ok(()) => Ok(true),
            Err(StoreError::Fenced { by }) => Err(self.stopped(Stopped::Fenced { by })),
            // It is kept in mind, and written with the next thing that can be.
            Err(_) => Ok(false),
        }
    }

    /// Takes down what came of an effect, and hands it on.
    pub(super) fn take(&mut self, durable: bool, came: Result<Reply, Interrupt>) -> Result<Reply, Interrupt> {
        match came {
            Ok(reply) => {
                let entry = self.clean(Entry::Own(Own::Reply { answer: reply }));
                self.push(&entry);
                if durable && let Err(StoreError::Fenced { by }) = self.writer.flush() {
                    // What was done is told to the walk, so that it ends; it begins nothing any more.
                    self.stop(Stopped::Fenced { by });
                }
                match entry {
                    Entry::Own(Own::Reply { answer }) => Ok(answer),
                    _ => Err(Interrupt::Parked(Parked::SetAside)),
                }
            }
            Err(Interrupt::Aborted { by }) => {
                self.push(&Entry::Own(Own::BrokenOff { by: by.clone() }));
                self.flush_if_possible()?;
                Err(Interrupt::Aborted { by })
            }
            Err(Interrupt::Parked(parked)) => Err(self.park(parked)),
        }
    }

    /// What somebody answered to this question in the meantime.
    pub(super) fn signal(&self, seq: u64) -> Option<(Reply, Time)> {
        let name = seq.to_string();
        let signal = self.signals.iter().find(|signal| signal.name == name)?;
        Some((serde_json::from_str(&signal.data).ok()?, signal.at))
    }

    /// Seconds since an effect was begun; none where the clock has gone back since.
    pub(super) fn since(&self, open: &Cut) -> f64 {
        (self.options.clock)().since(open.at).base.max(0.0)
    }

    /// Ends the turn: writes what is left and what became of the run.
    pub(super) fn release(&mut self, how: &Release) -> Result<(), StoreError> {
        self.writer.release(how)
    }
}

/// The records that a turn begins with.
pub(super) fn past(records: Vec<Record>) -> Past {
    Past::new(records)
}
