//! [`due_fires`]: the times at which a schedule fired since it was last looked, and what becomes of each.

use rbl_runtime::next_firing;
use rbl_syntax::value::Time;

/// The most times that are looked at in one go.
const MOST: usize = 10_000;

/// The shortest step after a time: the next one is at least a minute away.
const STEP: f64 = 1.0;

/// What became of the times at which a schedule fired.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DueFires {
    /// The time for which a run starts now: the last one, where that is not too late.
    pub starts: Option<Time>,
    /// The times for which none starts: they are too long ago, or there is a later one.
    pub missed: Vec<Time>,
}

/// The times after `decided`, up to `now`, at which a schedule fired. `lateness`: how many seconds a run may start late.
/// Several at once, as after an outage, start one run.
///
/// Errors: the schedule or the zone cannot be read, in words.
pub fn due_fires(
    cron: &str,
    timezone: Option<&str>,
    decided: Time,
    now: Time,
    lateness: f64,
) -> Result<DueFires, String> {
    let mut due = DueFires::default();
    let mut after = decided;
    for _ in 0..MOST {
        let Some(from) = after.plus(STEP) else { break };
        // One that never fires again is no error: there is nothing due.
        let fired = match next_firing(cron, timezone, from) {
            Ok(fired) if fired <= now => fired,
            Err(why) if due == DueFires::default() && after == decided => return Err(why),
            Ok(_) | Err(_) => break,
        };
        due.missed.extend(due.starts.replace(fired));
        after = fired;
    }
    if due.starts.is_some_and(|fired| now.since(fired).base > lateness) {
        due.missed.extend(due.starts.take());
    }
    Ok(due)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERLIN: Option<&str> = Some("Europe/Berlin");

    fn at(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    fn due(cron: &str, decided: &str, now: &str, lateness: f64) -> (Option<String>, Vec<String>) {
        let due = due_fires(cron, BERLIN, at(decided), at(now), lateness).unwrap();
        (due.starts.map(|it| it.to_string()), due.missed.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn s8_one_run_starts_for_each_time_and_late_within_its_window() {
        let cron = "0 3 * * *";
        assert_eq!(due(cron, "2026-11-28T20:00:00Z", "2026-11-29T01:59:59Z", 60.0), (None, vec![]));
        let three = Some("2026-11-29T02:00:00Z".to_owned());
        assert_eq!(due(cron, "2026-11-28T20:00:00Z", "2026-11-29T02:00:00Z", 60.0), (three.clone(), vec![]));
        assert_eq!(due(cron, "2026-11-29T02:00:00Z", "2026-11-29T02:00:30Z", 60.0), (None, vec![]));
        // After an outage: within the window it starts late, else it is missed.
        assert_eq!(due(cron, "2026-11-28T20:00:00Z", "2026-11-29T03:00:00Z", 7200.0), (three, vec![]));
        let missed = vec!["2026-11-29T02:00:00Z".to_owned()];
        assert_eq!(due(cron, "2026-11-28T20:00:00Z", "2026-11-29T05:00:00Z", 7200.0), (None, missed));
    }

    #[test]
    fn s8_after_an_outage_the_last_time_starts_and_the_others_are_missed() {
        let (starts, missed) = due("*/10 * * * *", "2026-11-29T02:00:00Z", "2026-11-29T02:35:00Z", 600.0);
        assert_eq!(starts.as_deref(), Some("2026-11-29T02:30:00Z"));
        assert_eq!(missed, ["2026-11-29T02:10:00Z", "2026-11-29T02:20:00Z"]);
    }

    /// In Berlin the clock was put forward at 2:00 on 29 March 2026, and back at 3:00 on 25 October.
    #[test]
    fn s8_a_day_with_a_change_of_the_clock_has_one_run() {
        for cron in ["30 2 * * *", "0 3 * * *", "30 1 * * *"] {
            for (from, to, days) in [
                ("2026-03-27T12:00:00Z", "2026-03-30T12:00:00Z", 3),
                ("2026-10-23T12:00:00Z", "2026-10-26T12:00:00Z", 3),
            ] {
                let (starts, missed) = due(cron, from, to, 1e9);
                assert_eq!(
                    missed.len() + usize::from(starts.is_some()),
                    days,
                    "{cron} {from}: {missed:?} {starts:?}"
                );
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        let now = at("2026-11-29T02:00:00Z");
        assert!(due_fires("often", None, now, now, 1.0).is_err());
        assert!(due_fires("0 3 * * *", Some("Nowhere/Land"), now, now, 1.0).is_err());
    }
}
