//! A point in time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Quantity;

/// A point in time with nanosecond precision; prints in UTC to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Time(pub jiff::Timestamp);

impl Time {
    /// Converts from seconds since 1970; `None` outside the years -9999 to 9999.
    pub fn from_unix(seconds: f64) -> Option<Self> {
        let duration = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
        jiff::Timestamp::from_duration(duration).ok().map(Self)
    }

    /// Seconds since 1970.
    pub fn unix(self) -> f64 {
        self.0.as_duration().as_secs_f64()
    }

    /// Parses RFC 3339, as `time("…")` accepts it: date, time and a zone.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// Adds seconds (may be negative); `None` outside the calendar.
    pub fn plus(self, seconds: f64) -> Option<Self> {
        let duration = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
        self.0.checked_add(duration).ok().map(Self)
    }

    /// The duration from the other time to this one.
    pub fn since(self, other: Self) -> Quantity {
        Quantity::seconds(self.0.duration_since(other.0).as_secs_f64())
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}
