//! The maintenance window of a scheduled runbook: no step starts after it has closed.

use std::str::FromStr as _;

use croner::Cron;
use jiff::tz::TimeZone;

use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::start::Start;
use rbl_syntax::source::Span;
use rbl_syntax::tree::TriggerKind;
use rbl_syntax::value::Time;

/// When the window is open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    pub(super) opened: Time,
    pub(super) closes: Time,
}

impl Window {
    /// A window that opens at the given time.
    pub(super) fn from(opened: Time, seconds: f64) -> Option<Self> {
        Some(Self { opened, closes: opened.plus(seconds)? })
    }
}

impl Interpreter<'_, '_> {
    /// The window of `trigger schedule … for D`: it opens when the schedule fires. The inner error says why that time
    /// is unknown.
    pub(super) fn maintenance_window(&mut self, start: &Start) -> WalkResult<Result<Option<Window>, String>> {
        let Some(TriggerKind::Schedule { cron, timezone, window: Some(length) }) =
            &self.frame.runbook.trigger
        else {
            return Ok(Ok(None));
        };
        let seconds = match self.seconds(length)? {
            Ok(seconds) => seconds,
            Err(reason) => {
                return Ok(Err(format!("the length of the maintenance window is unknown: {reason}")));
            }
        };
        let opened = if let Some(time) = start.scheduled {
            Ok(time)
        } else {
            let cron = match self.named_text(cron)? {
                Ok(cron) => cron,
                Err(why) => return Ok(Err(format!("the schedule is unknown: {why}"))),
            };
            let timezone = match timezone.as_ref().map(|zone| self.named_text(zone)).transpose()? {
                None => None,
                Some(Ok(zone)) => Some(zone),
                Some(Err(why)) => return Ok(Err(format!("the time zone is unknown: {why}"))),
            };
            let timezone = timezone.or_else(|| self.frame.runbook.timezone.as_ref().map(ToString::to_string));
            match self.clock()? {
                Some(now) => last_firing(&cron, timezone.as_deref(), now),
                None => Err("no clock".into()),
            }
        };
        Ok(opened.map(|opened| Window::from(opened, seconds)))
    }

    /// Stops the run if the maintenance window has closed: no step starts after that.
    pub(super) fn within_window(&mut self, span: Span, title: Option<&str>) -> WalkResult<()> {
        let Some(window) = self.window else { return Ok(()) };
        let now = self.clock()?;
        if now.is_some_and(|now| now < window.closes) {
            return Ok(());
        }
        let step = title.map_or_else(|| "the next step".to_owned(), |title| format!("the step \"{title}\""));
        let what = format!("the maintenance window closed at {}: {step} was not started", window.closes);
        Err(self.unhandled(span, what))
    }
}

/// When a schedule last fired, at or before a time. The error says, in words, why that is unknown.
pub(super) fn last_firing(cron: &str, timezone: Option<&str>, now: Time) -> Result<Time, String> {
    let (schedule, now) = read(cron, timezone, now)?;
    schedule
        .find_previous_occurrence(&now, true)
        .map(|last| Time(last.timestamp()))
        .map_err(|why| format!("`{cron}` has never fired: {why}"))
}

/// When a schedule next fires, at or after a time. The error says, in words, why that is unknown.
pub fn next_firing(cron: &str, timezone: Option<&str>, now: Time) -> Result<Time, String> {
    let (schedule, now) = read(cron, timezone, now)?;
    schedule
        .find_next_occurrence(&now, true)
        .map(|next| Time(next.timestamp()))
        .map_err(|why| format!("`{cron}` never fires: {why}"))
}

/// Parses the schedule, and converts the time to its zone.
fn read(cron: &str, timezone: Option<&str>, now: Time) -> Result<(Cron, jiff::Zoned), String> {
    let timezone = match timezone {
        None => TimeZone::UTC,
        Some(name) => TimeZone::get(name).map_err(|_| format!("no time zone `{name}`"))?,
    };
    let schedule = Cron::from_str(cron).map_err(|why| format!("`{cron}` is no schedule: {why}"))?;
    Ok((schedule, now.0.to_zoned(timezone)))
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
        assert_eq!(next_firing("0 3 * * *", None, now).unwrap(), now);
        let later = next_firing("0 3 * * *", Some("Europe/Berlin"), now).unwrap();
        assert_eq!(later.to_string(), "2026-05-04T01:00:00Z");
    }
}
