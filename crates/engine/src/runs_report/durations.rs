//! [`DurationFigures`]: several durations in three numbers.

use schemars::JsonSchema;
use serde::Serialize;

/// Several durations, in seconds. Without any, each of them is none.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, JsonSchema)]
pub struct DurationFigures {
    /// How many there are.
    pub count: u64,
    /// Half of them are no longer than this.
    pub median: Option<f64>,
    /// Nine of ten are no longer than this.
    pub p90: Option<f64>,
    /// The longest one.
    pub longest: Option<f64>,
}

impl DurationFigures {
    /// The figures of these seconds.
    pub(super) fn of(mut seconds: Vec<f64>) -> Self {
        seconds.sort_by(f64::total_cmp);
        // The smallest one that is not shorter than this part of them.
        let at = |percent: usize| {
            let place = (seconds.len() * percent).div_ceil(100).saturating_sub(1);
            seconds.get(place).copied()
        };
        Self { count: seconds.len() as u64, median: at(50), p90: at(90), longest: seconds.last().copied() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_them_is_no_longer() {
        let of = |seconds: &[f64]| {
            let it = DurationFigures::of(seconds.to_vec());
            (it.count, it.median, it.p90, it.longest)
        };
        assert_eq!(of(&[]), (0, None, None, None));
        assert_eq!(of(&[2.0]), (1, Some(2.0), Some(2.0), Some(2.0)));
        assert_eq!(of(&[3.0, 1.0]), (2, Some(1.0), Some(3.0), Some(3.0)));
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        assert_eq!(of(&ten), (10, Some(5.0), Some(9.0), Some(10.0)));
    }
}
