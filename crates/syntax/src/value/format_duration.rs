//! A length of time, formatted as an author would write it.

use std::time::Duration;

/// Formats a length of time: `30m`, `1h30m`; `90s` is `1m30s`. Milliseconds below one second, whole seconds above.
pub fn span(seconds: f64) -> String {
    let duration = match Duration::try_from_secs_f64(seconds) {
        Ok(duration) => duration,
        Err(_) if seconds > 0.0 => Duration::MAX,
        Err(_) => Duration::ZERO,
    };
    let whole = duration.as_secs();
    if whole == 0 && !duration.is_zero() {
        return format!("{}ms", duration.as_millis().max(1));
    }
    let parts = [(whole / 86_400, "d"), (whole / 3600 % 24, "h"), (whole / 60 % 60, "m"), (whole % 60, "s")];
    let parts = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}"));
    let text = parts.collect::<Vec<_>>().concat();
    if text.is_empty() { "0s".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_read_as_they_are_written() {
        let spans: Vec<String> = [1800.0, 5400.0, 90.0, 0.25, 0.0, f64::NAN].map(span).into();
        assert_eq!(spans, ["30m", "1h30m", "1m30s", "250ms", "0s", "0s"]);
        assert!(span(f64::INFINITY).ends_with('s'));
    }
}
