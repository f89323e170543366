//! Values around a threshold, as a person would write them.

/// Just under, at and just over a threshold: a step in its third digit. Nothing has no digits; its step is one.
pub(super) fn near(threshold: f64) -> [f64; 3] {
    let (step, digits) = step(threshold);
    [tidy(threshold - step, digits), threshold, tidy(threshold + step, digits)]
}

/// Far from a threshold, on either side.
pub(super) fn far(threshold: f64) -> [f64; 2] {
    if threshold == 0.0 { [-100.0, 100.0] } else { [rounded(threshold / 4.0), rounded(threshold * 4.0)] }
}

/// Without more than three digits.
pub(super) fn rounded(value: f64) -> f64 {
    let (_, digits) = step(value);
    tidy(value, digits)
}

/// The step in the third digit, and how many digits behind the point it has.
fn step(value: f64) -> (f64, usize) {
    if value == 0.0 || !value.is_finite() {
        return (1.0, 0);
    }
    #[allow(clippy::cast_possible_truncation)] // a float has no more than 308
    let exponent = value.abs().log10().floor() as i32 - 2;
    (10f64.powi(exponent), usize::try_from(-exponent).unwrap_or(0))
}

/// The number that is read from so many digits: `0.499`, not `0.49900000000000005`.
fn tidy(value: f64, digits: usize) -> f64 {
    format!("{value:.digits$}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::{far, near, rounded};

    #[test]
    fn as_a_person_writes_them() {
        assert_eq!(near(0.5), [0.499, 0.5, 0.501]);
        assert_eq!(near(1_800.0), [1_790.0, 1_800.0, 1_810.0]);
        assert_eq!(near(1_000.0), [990.0, 1_000.0, 1_010.0]);
        assert_eq!(near(0.9), [0.899, 0.9, 0.901]);
        assert_eq!(near(0.0), [-1.0, 0.0, 1.0]);
        assert_eq!(far(0.5), [0.125, 2.0]);
        assert_eq!(rounded(0.333_333), 0.333);
        assert_eq!(rounded(123_456.0), 123_456.0);
    }
}
