//! [`SimulatedClock`]: a clock that advances only on request.

use std::cell::Cell;
use std::rc::Rc;

use rbl_syntax::value::Time;

/// The time of a simulated run, shared by the world and the observers of the run.
#[derive(Debug, Clone)]
pub struct SimulatedClock {
    start: Time,
    passed: Rc<Cell<f64>>,
}

impl SimulatedClock {
    /// A clock at this time.
    pub fn at(start: Time) -> Self {
        Self { start, passed: Rc::default() }
    }

    /// The time at which it began.
    pub fn start(&self) -> Time {
        self.start
    }

    /// The number of seconds that have passed.
    pub fn seconds(&self) -> f64 {
        self.passed.get()
    }

    /// The current time; outside the calendar it stays at the start.
    pub fn now(&self) -> Time {
        self.start.plus(self.seconds()).unwrap_or(self.start)
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: f64) {
        if seconds > 0.0 {
            self.passed.set(self.passed.get() + seconds);
        }
    }

    /// Advances to this many seconds after the start; never goes back.
    pub fn reach(&self, seconds: f64) {
        self.pass(seconds - self.seconds());
    }

    /// The seconds from the start to a time; negative before it.
    pub(super) fn offset(&self, time: Time) -> f64 {
        time.since(self.start).base
    }
}
