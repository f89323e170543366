//! Rounds times and numbers as a person would write them, within what is known of them.

/// The steps to round to, in seconds, the longest first.
const STEPS: [f64; 14] =
    [86_400.0, 3_600.0, 1_800.0, 600.0, 300.0, 60.0, 30.0, 15.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.1];

/// The roundest time later than `after` and no later than `until`, in seconds.
pub(super) fn between(after: f64, until: f64) -> f64 {
    // Many tenths are a little more in binary than as written.
    let round = |step: &f64| ((until / step + 1e-9).floor() * step).min(until);
    STEPS.iter().map(round).find(|time| *time > after + 1e-9).unwrap_or(until)
}

/// A duration, rounded to the second; longer ones to the minute or to ten minutes. Less than half a second becomes
/// zero.
pub(super) fn lasted(seconds: f64, longest: f64) -> f64 {
    let step = match seconds {
        ..600.0 => 1.0,
        ..21_600.0 => 60.0,
        _ => 600.0,
    };
    ((seconds / step).round() * step).min(longest)
}

/// A number with four digits.
pub(super) fn number(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() { value } else { format!("{value:.3e}").parse().unwrap_or(value) }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // what is rounded is exact
mod tests {
    use super::*;

    #[test]
    fn the_roundest_time_is_taken() {
        assert_eq!(between(105.0, 120.0), 120.0);
        assert_eq!(between(285.0, 315.0), 300.0);
        assert_eq!(between(0.0, 7.3), 5.0);
        assert_eq!(between(7.1, 7.3), 7.3);
        assert_eq!(between(7.1, 7.26), 7.2);
        assert_eq!(between(7.21, 7.25), 7.25);
        assert_eq!(between(-3_700.0, -3_590.0), -3_600.0);
    }

    #[test]
    fn what_took_long_is_said_roughly() {
        assert_eq!(lasted(0.4, 60.0), 0.0);
        assert_eq!(lasted(12.6, 60.0), 13.0);
        assert_eq!(lasted(59.8, 59.9), 59.9);
        assert_eq!(lasted(3_629.0, 7_200.0), 3_600.0);
        assert_eq!(lasted(89_988.0, 1e6), 90_000.0);
    }

    #[test]
    fn numbers_keep_four_digits() {
        assert_eq!(number(0.812_345_6), 0.812_3);
        assert_eq!(number(123_456.0), 123_500.0);
        assert_eq!(number(0.0), 0.0);
    }
}
