//! The maintenance window of a scheduled runbook: no step starts after it has closed.

use std::str::FromStr as _;

use croner::Cron;
use jiff::tz::TimeZone;

use crate::value::Time;

/// When it is open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    pub(super) opened: Time,
    pub(super) closes: Time,
}

impl Window {
    /// Open from the given time.
    pub(super) fn from(opened: Time, seconds: f64) -> Option<Self> {
        Some(Self { opened, closes: opened.plus(seconds)? })
    }
}

/// When a schedule last came round, at or before a time. The error is why it cannot be told, in words.
pub(super) fn last_firing(cron: &str, timezone: Option<&str>, now: Time) -> Result<Time, String> {
    let timezone = match timezone {
        None => TimeZone::UTC,
        Some(name) => TimeZone::get(name).map_err(|_| format!("no time zone `{name}`"))?,
    };
    let schedule = Cron::from_str(cron).map_err(|why| format!("`{cron}` is no schedule: {why}"))?;
    let now = now.0.to_zoned(timezone);
    schedule
        .find_previous_occurrence(&now, true)
        .map(|last| Time(last.timestamp()))
        .map_err(|why| format!("`{cron}` never came round before: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_came_round_in_its_own_time_zone() {
        let now = Time::parse("2026-05-03T01:30:00Z").unwrap();
        let last = last_firing("0 3 * * 0", Some("Europe/Berlin"), now).unwrap();
        assert_eq!(last.to_string(), "2026-05-03T01:00:00Z");
        assert!(last_firing("0 3 * * 0", Some("Nowhere/Land"), now).is_err());
        assert!(last_firing("often", None, now).is_err());
    }

    #[test]
    fn the_very_moment_counts() {
        let now = Time::parse("2026-05-03T03:00:00Z").unwrap();
        assert_eq!(last_firing("0 3 * * *", None, now).unwrap(), now);
    }
}
