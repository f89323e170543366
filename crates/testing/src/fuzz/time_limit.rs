//! [`TimeLimit`]: how much processor time a search may take.

use std::time::Duration;

/// The processor time that a search may take, from when it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeLimit {
    clock: fn() -> Duration,
    begun: Duration,
    most: Duration,
}

impl TimeLimit {
    /// A search that begins now. `clock`: the processor time of this thread so far.
    pub(super) fn new(clock: fn() -> Duration, most: Duration) -> Self {
        Self { clock, begun: clock(), most }
    }

    /// Whether it has taken more.
    pub(super) fn is_over(self) -> bool {
        (self.clock)().saturating_sub(self.begun) > self.most
    }
}
