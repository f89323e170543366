//! Where metrics are read.

use crate::run::{Read, Reading};
use crate::value::{Reason, Time};

/// A source of metrics.
pub trait Provider: Send + Sync {
    /// Reads a metric, as of `now` where the read says so.
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason>;
}
