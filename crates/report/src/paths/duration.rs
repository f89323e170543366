//! Formats durations and counts for paths: to the second, in the language's units.

use rbl_check::paths::Bound;
use rbl_syntax::value::span;

/// Formats a duration, rounded up to whole seconds: `2h5m`, `45s`.
pub fn seconds(seconds: f64) -> String {
    span(seconds.ceil())
}

/// Formats an upper limit: `at most 2h5m`, `no known limit`.
fn upto(longest: Bound) -> String {
    match longest.0 {
        Some(longest) => format!("at most {}", seconds(longest)),
        None => "no known limit".into(),
    }
}

/// Formats a range: `5m to 2h5m`, `at most 2h5m`, `5m`.
pub fn between(shortest: f64, longest: Bound) -> String {
    let least = shortest.floor();
    match longest.0 {
        Some(longest) if seconds(longest) == seconds(least) => seconds(longest),
        _ if least < 1.0 => upto(longest),
        Some(longest) => format!("{} to {}", seconds(least), seconds(longest)),
        None => format!("at least {}, no known limit", seconds(least)),
    }
}

/// Formats a count: `3 actions`, `1 page`, `no known limit of pages`.
pub fn count(number: Bound, one: &str, many: &str) -> String {
    match number.0 {
        None => format!("no known limit of {many}"),
        Some(number) if (number - 1.0).abs() < 0.5 => format!("1 {one}"),
        Some(number) => format!("{number} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_they_are_written() {
        assert_eq!(seconds(0.0), "0s");
        assert_eq!(seconds(7_500.0), "2h5m");
        assert_eq!(seconds(0.2), "1s");
        assert_eq!(between(0.0, Bound::of(10.0)), "at most 10s");
        assert_eq!(between(300.0, Bound::of(600.0)), "5m to 10m");
        assert_eq!(between(300.0, Bound::of(300.0)), "5m");
        assert_eq!(between(300.0, Bound::UNKNOWN), "at least 5m, no known limit");
        assert_eq!(count(Bound::of(1.0), "page", "pages"), "1 page");
        assert_eq!(count(Bound::ZERO, "page", "pages"), "0 pages");
    }
}
