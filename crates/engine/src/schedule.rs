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
    /// Whether there are later ones that were not looked at in this go.
    pub is_more: bool,
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
    let next = |after: Time| after.plus(STEP).map(|from| next_firing(cron, timezone, from));
    let fired = |next: Option<Result<Time, String>>| next.and_then(Result::ok).filter(|fired| *fired <= now);
    // One that fires no more after it did is no error.
    if let Some(Err(why)) = next(decided) {
        return Err(why);
    }
    for _ in 0..MOST {
        let Some(fired) = fired(next(after)) else { break };
        due.missed.extend(due.starts.replace(fired));
        after = fired;
    }
    due.is_more = fired(next(after)).is_some();
    if due.is_more || due.starts.is_some_and(|fired| now.since(fired).base > lateness) {
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
        for cron in ["30 2 * * *", "0 3 * * *", "30 1 * * *", "0 2 * * *", "0 0 * * *", "59 2 * * *"] {
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

    /// What fires each hour, or more often, goes on through the change: no hour is left out, and the hour that comes twice fires twice.
    #[test]
    fn s8_what_fires_each_hour_fires_in_every_hour_of_a_day_with_a_change() {
        for (cron, spring, autumn) in
            [("0 * * * *", 23, 25), ("*/30 * * * *", 46, 50), ("15 */1 * * *", 23, 25)]
        {
            for (from, to, count) in [
                ("2026-03-28T22:59:59Z", "2026-03-29T21:59:59Z", spring),
                ("2026-10-24T21:59:59Z", "2026-10-25T22:59:59Z", autumn),
            ] {
                let (starts, missed) = due(cron, from, to, 1e9);
                let all: Vec<&String> = missed.iter().chain(&starts).collect();
                assert_eq!(all.len(), count, "{cron} {from}: {all:?}");
                assert!(all.windows(2).all(|two| two[0] < two[1]), "{all:?}");
            }
        }
    }

    /// Eight days of a time each minute: more than is looked at in one go, and the last one starts all the same.
    #[test]
    fn after_a_long_outage_the_last_time_starts() {
        let (now, mut decided) = (at("2026-11-29T02:00:30Z"), at("2026-11-21T02:00:00Z"));
        let mut missed = 0;
        let last = loop {
            let due = due_fires("* * * * *", BERLIN, decided, now, 300.0).unwrap();
            missed += due.missed.len();
            if !due.is_more {
                break due.starts;
            }
            assert_eq!((due.starts, due.missed.len()), (None, MOST));
            decided = *due.missed.last().unwrap();
        };
        assert_eq!(last, Some(at("2026-11-29T02:00:00Z")));
        assert_eq!(missed, 8 * 24 * 60 - 1);
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        let now = at("2026-11-29T02:00:00Z");
        assert!(due_fires("often", None, now, now, 1.0).is_err());
        assert!(due_fires("0 3 * * *", Some("Nowhere/Land"), now, now, 1.0).is_err());
    }
}
