//! The clock of a story: the system clock during a run, the recorded times in a replay.

use std::time::{Duration, Instant};

use crate::value::Time;

/// A source for the time of each printed event.
pub struct Clock(Kind);

enum Kind {
    /// The system clock.
    System,
    /// The recorded times.
    Told {
        at: Box<dyn FnMut() -> Time>,
        /// The first time, and the instant that represents it in measurements.
        begun: Option<(Time, Instant)>,
    },
}

impl Clock {
    /// A clock that reads the system time.
    pub fn system() -> Self {
        Self(Kind::System)
    }

    /// A clock that replays recorded times; `at` is called at least once for each event.
    pub fn told(at: impl FnMut() -> Time + 'static) -> Self {
        Self(Kind::Told { at: Box::new(at), begun: None })
    }

    /// The current time of day.
    pub fn time(&mut self) -> Time {
        match &mut self.0 {
            Kind::System => Time(jiff::Timestamp::now()),
            Kind::Told { at, .. } => at(),
        }
    }

    /// The current instant, for measuring durations. The system's instants are unaffected by changes to its time of
    /// day.
    pub fn instant(&mut self) -> Instant {
        match &mut self.0 {
            Kind::System => Instant::now(),
            Kind::Told { at, begun } => {
                let now = at();
                let (first, base) = *begun.get_or_insert_with(|| (now, Instant::now()));
                let since = Duration::try_from_secs_f64(now.since(first).base).unwrap_or_default();
                base.checked_add(since).unwrap_or(base)
            }
        }
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Kind::System => "Clock::system",
            Kind::Told { .. } => "Clock::told",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_told_clock_keeps_distances_and_never_runs_backwards() {
        let mut times = [5.0, 6.5, 1.0].into_iter();
        let mut clock = Clock::told(move || Time::from_unix(1.8e9 + times.next().unwrap()).unwrap());
        let first = clock.instant();
        assert_eq!(clock.instant().duration_since(first).as_millis(), 1500);
        assert_eq!(
            clock.instant().saturating_duration_since(first),
            Duration::ZERO,
            "the clock was set back"
        );
    }
}
