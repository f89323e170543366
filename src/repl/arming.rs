//! How long a session is armed: whether actions, pages and records are really done.

use std::time::{Duration, Instant};

use crate::repl::dry_run::Armed;

/// The longest time for which a session is armed, in seconds.
const LONGEST: f64 = 86_400.0;

/// The time for which a session is armed.
pub(super) struct Arming {
    /// Shared with the world.
    armed: Armed,
    until: Option<Instant>,
}

impl Arming {
    /// Returns the state of a session that is not armed.
    pub(super) fn new(armed: Armed) -> Self {
        Self { armed, until: None }
    }

    /// Arms for a number of seconds.
    pub(super) fn arm(&mut self, seconds: f64) {
        self.armed.set(true);
        self.until = Some(Instant::now() + Duration::from_secs_f64(seconds.min(LONGEST)));
    }

    /// Disarms.
    pub(super) fn disarm(&mut self) {
        self.armed.set(false);
        self.until = None;
    }

    /// Whether the time is over.
    pub(super) fn is_over(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// The number of minutes left, rounded up; `None` if it is not armed.
    pub(super) fn minutes_left(&self) -> Option<u64> {
        let left = self.until?.saturating_duration_since(Instant::now());
        Some(left.as_secs().div_ceil(60))
    }
}
