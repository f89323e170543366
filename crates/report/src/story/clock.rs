//! The clock of a story: the system clock during a run, the recorded times in a replay.

use std::time::{Duration, Instant};

use rbl_syntax::value::Time;

/// A source for the time of each printed event.
pub struct Clock(ClockKind);

enum ClockKind {
    /// Now, on the clocks of the machine.
    Live { time: fn() -> Time, instant: fn() -> Instant },
    /// The recorded times.
    Recorded {
        at: Box<dyn FnMut() -> Time>,
        /// The first time.
        first: Option<Time>,
        /// What lengths are measured from.
        base: Instant,
    },
}

impl Clock {
    /// The clocks of the machine: its time of day, and the one that lengths of time are measured with.
    pub fn live(time: fn() -> Time, instant: fn() -> Instant) -> Self {
        Self(ClockKind::Live { time, instant })
    }

    /// The recorded times, asked for once or more for each event; lengths are measured from `base`.
    pub fn recorded(at: impl FnMut() -> Time + 'static, base: Instant) -> Self {
        Self(ClockKind::Recorded { at: Box::new(at), first: None, base })
    }

    /// The current time of day.
    pub fn time(&mut self) -> Time {
        match &mut self.0 {
            ClockKind::Live { time, .. } => time(),
            ClockKind::Recorded { at, .. } => at(),
        }
    }

    /// The current instant, for measuring durations. The system's instants are unaffected by changes to its time of
    /// day.
    pub fn instant(&mut self) -> Instant {
        match &mut self.0 {
            ClockKind::Live { instant, .. } => instant(),
            ClockKind::Recorded { at, first, base } => {
                let now = at();
                let first = *first.get_or_insert(now);
                let since = Duration::try_from_secs_f64(now.since(first).base).unwrap_or_default();
                base.checked_add(since).unwrap_or(*base)
            }
        }
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            ClockKind::Live { .. } => "Clock::live",
            ClockKind::Recorded { .. } => "Clock::recorded",
        })
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)] // any moment will do as the base of a recorded clock
mod tests {
    use super::*;

    #[test]
    fn a_recorded_clock_keeps_distances_and_never_runs_backwards() {
        let mut times = [5.0, 6.5, 1.0].into_iter();
        let mut clock =
            Clock::recorded(move || Time::from_unix(1.8e9 + times.next().unwrap()).unwrap(), Instant::now());
        let first = clock.instant();
        assert_eq!(clock.instant().duration_since(first).as_millis(), 1500);
        assert_eq!(
            clock.instant().saturating_duration_since(first),
            Duration::ZERO,
            "the clock was set back"
        );
    }
}
