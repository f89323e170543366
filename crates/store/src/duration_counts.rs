//! [`DurationCounts`]: counts durations by their length, for whoever watches the process.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counts by duration since the process began.
#[derive(Debug)]
pub struct DurationCounts {
    /// The upper bounds of the buckets, in seconds.
    bounds: &'static [f64],
    /// How many took at most the bound of the same index, and longer than the one before.
    within: Vec<AtomicU64>,
    longer: AtomicU64,
    microseconds: AtomicU64,
}

/// A histogram of durations.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DurationHistogram {
    /// An upper bound in seconds, and how many took at most this long.
    pub buckets: Vec<(f64, u64)>,
    /// How many there were.
    pub count: u64,
    /// How long all of them took together, in seconds.
    pub sum: f64,
}

impl DurationCounts {
    /// Counts in buckets with these upper bounds, in seconds, the smallest first.
    pub fn new(bounds: &'static [f64]) -> Self {
        let within = bounds.iter().map(|_| AtomicU64::default()).collect();
        Self { bounds, within, longer: AtomicU64::default(), microseconds: AtomicU64::default() }
    }

    /// Counts one more.
    pub fn took(&self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let bucket =
            self.bounds.iter().position(|bound| seconds <= *bound).and_then(|index| self.within.get(index));
        bucket.unwrap_or(&self.longer).fetch_add(1, Ordering::Relaxed);
        let microseconds = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    /// The counts so far.
    pub fn histogram(&self) -> DurationHistogram {
        let mut count = 0;
        let buckets = self.bounds.iter().zip(&self.within).map(|(bound, within)| {
            count += within.load(Ordering::Relaxed);
            (*bound, count)
        });
        let buckets = buckets.collect();
        let sum = Duration::from_micros(self.microseconds.load(Ordering::Relaxed)).as_secs_f64();
        DurationHistogram { buckets, count: count + self.longer.load(Ordering::Relaxed), sum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bucket_counts_what_took_no_longer() {
        let times = DurationCounts::new(&[0.001, 0.0025, 0.025, 0.05, 5.0]);
        for milliseconds in [1, 2, 30, 9000] {
            times.took(Duration::from_millis(milliseconds));
        }
        let histogram = times.histogram();
        let of =
            |bound: f64| histogram.buckets.iter().find(|(it, _)| it.to_bits() == bound.to_bits()).unwrap().1;
        assert_eq!((of(0.001), of(0.0025), of(0.025), of(0.05), of(5.0)), (1, 2, 2, 3, 3));
        assert_eq!(histogram.count, 4);
        assert!((histogram.sum - 9.033).abs() < 1e-6, "{}", histogram.sum);
    }
}
