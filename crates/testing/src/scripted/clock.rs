//! A clock that goes only when somebody lets time pass.

use std::cell::Cell;
use std::rc::Rc;

use rbl_syntax::value::Time;

/// The time of a simulated run, shared by the world and by whoever follows the run.
#[derive(Debug, Clone)]
pub struct SimulatedClock {
    start: Time,
    passed: Rc<Cell<f64>>,
}

impl SimulatedClock {
    /// A clock that stands at this time.
    pub fn at(start: Time) -> Self {
        Self { start, passed: Rc::default() }
    }

    /// When it began.
    pub fn start(&self) -> Time {
        self.start
    }

    /// How many seconds have passed.
    pub fn seconds(&self) -> f64 {
        self.passed.get()
    }

    /// What time it is; beyond the calendar it stays at its beginning.
    pub fn now(&self) -> Time {
        self.start.plus(self.seconds()).unwrap_or(self.start)
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: f64) {
        if seconds > 0.0 {
            self.passed.set(self.passed.get() + seconds);
        }
    }

    /// Lets time pass until so many seconds have passed; it never goes back.
    pub fn reach(&self, seconds: f64) {
        self.pass(seconds - self.seconds());
    }

    /// The seconds from the beginning to a time; negative before it.
    pub(super) fn offset(&self, time: Time) -> f64 {
        time.since(self.start).base
    }
}
