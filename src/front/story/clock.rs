//! What time it is for whoever tells a run: now, or when that happened which is told again.

use std::time::{Duration, Instant};

use crate::journal::Stamp;
use crate::value::Time;

/// A clock that stands still while the past is told.
#[derive(Debug, Clone)]
pub struct Clock {
    stamp: Stamp,
    base: Instant,
    first: Time,
}

impl Default for Clock {
    /// The clock of this machine.
    fn default() -> Self {
        Self::of(Stamp::default(), Time(jiff::Timestamp::now()))
    }
}

impl Clock {
    /// The time of this stamp where it has one; `first`: when the run began.
    pub fn of(stamp: Stamp, first: Time) -> Self {
        Self { stamp, base: Instant::now(), first }
    }

    /// When that happened which is being told.
    pub fn time(&self) -> Time {
        self.stamp.time().unwrap_or_else(|| Time(jiff::Timestamp::now()))
    }

    /// The same for lengths of time: the beginning of the run and this are as far apart as they were.
    pub fn instant(&self) -> Instant {
        let since = Duration::try_from_secs_f64(self.time().since(self.first).base).unwrap_or_default();
        self.base.checked_add(since).unwrap_or(self.base)
    }
}
