//! Durations in readable form.

use std::time::Duration;

/// A duration, formatted in one or two units: `12ms`, `0.3s`, `12s`, `2m 5s`, `1h 30m`, `3d 4h`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Took(
    /// Seconds.
    pub f64,
);

impl From<Duration> for Took {
    fn from(duration: Duration) -> Self {
        Self(duration.as_secs_f64())
    }
}

impl std::fmt::Display for Took {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0.max(0.0);
        if seconds > 0.0 && seconds < 0.0995 {
            return write!(f, "{:.0}ms", (seconds * 1e3).max(1.0));
        }
        if seconds < 9.95 {
            let tenths = format!("{seconds:.1}");
            return write!(f, "{}s", tenths.strip_suffix(".0").unwrap_or(&tenths));
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates, and is not negative
        let seconds = seconds.round() as u64;
        let two = |big: u64, big_name: &str, small: u64, small_name: &str| match small {
            0 => format!("{big}{big_name}"),
            small => format!("{big}{big_name} {small}{small_name}"),
        };
        f.write_str(&match seconds {
            0..60 => format!("{seconds}s"),
            60..3_600 => two(seconds / 60, "m", seconds % 60, "s"),
            3_600..86_400 => two(seconds / 3_600, "h", seconds % 3_600 / 60, "m"),
            _ => two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Took;

    #[test]
    fn reads_like_a_clock_on_the_wall() {
        let say = |seconds| Took(seconds).to_string();
        assert_eq!(say(0.0), "0s");
        assert_eq!(say(0.000_02), "1ms");
        assert_eq!(say(0.0123), "12ms");
        assert_eq!(say(0.099_7), "0.1s");
        assert_eq!(say(0.31), "0.3s");
        assert_eq!(say(9.96), "10s");
        assert_eq!(say(59.7), "1m");
        assert_eq!(say(125.0), "2m 5s");
        assert_eq!(say(5_400.0), "1h 30m");
        assert_eq!(say(273_600.0), "3d 4h");
        assert_eq!(say(-1.0), "0s");
    }
}
