//! [`Recorder`]: the state that the journal's world and observer share: the replay cursor, the writer, the observer.

use std::rc::Rc;

use super::writer::RecordWriter;
use super::{Entry, JournalEvent, JournalRecord, Release, ReplayDifference, Signal, Stamp, StoreError};
use crate::journal::replay_cursor::{InterruptedEffect, ReplayCursor};
use crate::{Ask, Effect, Event, EventKind, Interrupt, Observer, Parked, Reply};
use rbl_syntax::value::Time;

/// Removes the values of secrets from an entry; `None` where it contains none.
pub type Redactor = Rc<dyn Fn(&Entry) -> Option<Entry>>;

/// The settings of a turn.
#[derive(Clone)]
pub struct Options {
    /// The current time.
    pub clock: Rc<dyn Fn() -> Time>,
    /// Removes secrets from everything that is recorded and reported.
    pub redact: Redactor,
    /// Whether a sleep of a minute or more parks the run, because nobody is watching.
    pub parks_sleeps: bool,
    /// Set to the time of what is replayed, and cleared for what happens now.
    pub stamp: Stamp,
}

impl Options {
    /// This clock, no redaction, sleeps do not park.
    pub fn new(clock: impl Fn() -> Time + 'static) -> Self {
        Self {
            clock: Rc::new(clock),
            redact: Rc::new(|_| None),
            parks_sleeps: false,
            stamp: Stamp::default(),
        }
    }
}

/// Why a run stops in this process, besides what the run itself returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// Another process holds it now.
    Fenced {
        /// Who, where known.
        by: Option<String>,
    },
    /// What the program does differs from its records.
    Stuck(ReplayDifference),
}

/// The stage of a turn.
#[derive(Debug)]
pub(super) enum Phase {
    /// The program is walked, through its records or beyond them.
    Walking,
    /// The run was parked, and the walk unwinds: only the parking itself is recorded.
    Parking,
    /// Nothing more is recorded, done or reported.
    Stopped(Stopped),
}

/// See the module.
pub(super) struct Recorder {
    pub(super) cursor: ReplayCursor,
    pub(super) writer: RecordWriter,
    pub(super) signals: Vec<Signal>,
    /// Secrets typed in an earlier turn, which have to be typed again before they are used.
    pub(super) secrets: Vec<Ask>,
    pub(super) options: Options,
    pub(super) observer: Box<dyn Observer>,
    pub(super) phase: Phase,
}

impl Recorder {
    /// The entry without secrets.
    pub(super) fn clean(&self, entry: Entry) -> Entry {
        (self.options.redact)(&entry).unwrap_or(entry)
    }

    /// Adds an entry; returns its position among the records.
    pub(super) fn push(&mut self, entry: &Entry) -> u64 {
        let now = (self.options.clock)();
        self.writer.push(entry, now)
    }

    /// Adds an intent; returns its position among the records.
    pub(super) fn intend(&mut self, effect: &Effect) -> u64 {
        let entry = self.clean(Entry::Own(JournalEvent::Intent { intent: effect.clone() }));
        self.push(&entry)
    }

    /// Takes an event of the program or of the journal itself.
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
        } else if self.cursor.is_over() {
            self.push(&clean);
            self.observer.event(shown);
        } else {
            match self.cursor.event(&clean.data(), shown) {
                Ok(at) => {
                    self.options.stamp.set(Some(at));
                    self.observer.earlier_event(shown);
                    self.options.stamp.set(None);
                }
                Err(difference) => self.stop(Stopped::Stuck(difference)),
            }
        }
    }

    /// Stops the turn.
    pub(super) fn stop(&mut self, why: Stopped) {
        self.phase = Phase::Stopped(why);
    }

    /// Stops the turn; returns the interrupt for the walk.
    pub(super) fn stopped(&mut self, why: Stopped) -> Interrupt {
        self.stop(why);
        Interrupt::Parked(Parked::SetAside)
    }

    /// Parks the run.
    pub(super) fn park(&mut self, parked: Parked) -> Interrupt {
        self.phase = Phase::Parking;
        Interrupt::Parked(parked)
    }

    /// Makes an intent durable. Where that is impossible it is withdrawn: it will not happen.
    pub(super) fn flush_intent(&mut self) -> Result<(), Interrupt> {
        self.writer.flush().map_err(|why| {
            self.writer.withdraw();
            match why {
                StoreError::Fenced { by } => self.stopped(Stopped::Fenced { by }),
                why => self.park(Parked::NotWritten(why.to_string())),
            }
        })
    }

    /// Makes durable what can be made durable now; returns whether it could. Only a fenced turn stops.
    pub(super) fn flush_if_possible(&mut self) -> Result<bool, Interrupt> {
        match self.writer.flush() {
            Ok(()) => Ok(true),
            Err(StoreError::Fenced { by }) => Err(self.stopped(Stopped::Fenced { by })),
            // It is kept in memory, and written with the next flush that succeeds.
            Err(_) => Ok(false),
        }
    }

    /// Records the reply to an effect, and returns it.
    pub(super) fn take(&mut self, durable: bool, came: Result<Reply, Interrupt>) -> Result<Reply, Interrupt> {
        match came {
            Ok(reply) => {
                let entry = self.clean(Entry::Own(JournalEvent::Reply { answer: reply }));
                self.push(&entry);
                if durable && let Err(StoreError::Fenced { by }) = self.writer.flush() {
                    // The reply goes to the walk, so that it can end; it begins nothing new.
                    self.stop(Stopped::Fenced { by });
                }
                let Entry::Own(JournalEvent::Reply { answer }) = entry else {
                    return Err(Interrupt::Parked(Parked::SetAside));
                };
                Ok(answer)
            }
            Err(Interrupt::Aborted { by }) => {
                self.push(&Entry::Own(JournalEvent::BrokenOff { by: by.clone() }));
                self.flush_if_possible()?;
                Err(Interrupt::Aborted { by })
            }
            Err(Interrupt::Parked(parked)) => Err(self.park(parked)),
        }
    }

    /// The answer that somebody gave to this question in the meantime.
    pub(super) fn signal(&self, seq: u64) -> Option<(Reply, Time)> {
        let name = seq.to_string();
        let signal = self.signals.iter().find(|signal| signal.name == name)?;
        Some((serde_json::from_str(&signal.data).ok()?, signal.at))
    }

    /// Seconds since an effect was begun; zero where the clock has gone back since.
    pub(super) fn since(&self, open: &InterruptedEffect) -> f64 {
        (self.options.clock)().since(open.at).base.max(0.0)
    }

    /// Ends the turn: writes what is left and the new state of the run.
    pub(super) fn release(&mut self, how: &Release) -> Result<(), StoreError> {
        self.writer.release(how)
    }
}

/// A cursor over the records at the beginning of a turn.
pub(super) fn replay_cursor(records: Vec<JournalRecord>) -> ReplayCursor {
    ReplayCursor::new(records)
}
