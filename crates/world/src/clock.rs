//! The clock, and deadlines computed from it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::time::{Duration, Instant};

use rbl_syntax::value::Time;

/// The current time.
pub fn now() -> Time {
    Time(jiff::Timestamp::now())
}

/// The version of this machine's time-zone data, as `2026b`; `None` where it does not say.
pub fn time_zones() -> Option<String> {
    let folder =
        std::env::var_os("TZDIR").map_or_else(|| "/usr/share/zoneinfo".into(), std::path::PathBuf::from);
    let mut first = String::new();
    // All rules of the world stand behind its first line.
    let named = File::open(folder.join("tzdata.zi"))
        .and_then(|file| BufReader::with_capacity(64, file.take(64)).read_line(&mut first))
        .ok()
        .and_then(|_| first.strip_prefix("# version "));
    let version =
        named.map(str::to_owned).or_else(|| std::fs::read_to_string(folder.join("+VERSION")).ok())?;
    let version = version.trim();
    (!version.is_empty() && version.len() <= 32).then(|| version.to_owned())
}

/// Converts seconds to a duration: negative numbers and NaN become zero, and more than a century becomes a century.
pub(crate) fn duration(seconds: f64) -> Duration {
    const CENTURY: f64 = 100.0 * 365.0 * 86_400.0;
    if seconds.is_nan() { Duration::ZERO } else { Duration::from_secs_f64(seconds.clamp(0.0, CENTURY)) }
}

/// The moment this many seconds ahead.
pub fn deadline(seconds: f64) -> Instant {
    Instant::now() + duration(seconds)
}

/// The time left until then; zero once it has passed.
pub fn left(until: Instant) -> Duration {
    until.saturating_duration_since(Instant::now())
}

/// Formats the time left: `1h 05m`, `4m 09s`, `12s`. Rounded up, so that it ends at `0s`.
pub fn countdown(left: Duration) -> String {
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m {:02}s", seconds % 60),
        3600..86_400 => format!("{hours}h {minutes:02}m"),
        _ => format!("{}d {:02}h", hours / 24, hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_down_to_nothing() {
        assert_eq!(countdown(Duration::from_millis(1)), "1s");
        assert_eq!(countdown(Duration::from_mins(1)), "1m 00s");
        assert_eq!(countdown(Duration::from_millis(59_001)), "1m 00s");
        assert_eq!(countdown(Duration::from_mins(65)), "1h 05m");
        assert_eq!(countdown(Duration::ZERO), "0s");
    }

    #[test]
    fn no_duration_is_too_long() {
        assert!(duration(f64::INFINITY) > duration(1e9));
    }
}
