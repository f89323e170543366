//! Values near a threshold, as a person would write them.

use rbl_syntax::value::{Quantity, Scale};

/// Just under, at and just over a threshold, in base units: a step in the third digit of the number in its own unit, so
/// that it can be written there. Zero has no digits; its step is one.
pub(super) fn near(threshold: &Quantity) -> [f64; 3] {
    let factor = factor(threshold);
    let (step, digits) = step(threshold.base / factor);
    let at = |number: f64| tidy(number, digits) * factor;
    let number = threshold.base / factor;
    [at(number - step), threshold.base, at(number + step)]
}

/// Far from a threshold, on either side; a part of a whole stays below the whole.
pub(super) fn far(threshold: &Quantity) -> [f64; 2] {
    let factor = factor(threshold);
    let number = threshold.base / factor;
    let is_part = threshold.dimension.scale == Scale::Ratio && (0.0..1.0).contains(&threshold.base);
    let over = if is_part { f64::midpoint(number, 1.0 / factor) } else { number * 4.0 };
    if number == 0.0 {
        [-100.0 * factor, 100.0 * factor]
    } else {
        [rounded(number / 4.0) * factor, rounded(over) * factor]
    }
}

/// The size of its unit, in base units.
fn factor(quantity: &Quantity) -> f64 {
    quantity.unit.map_or(1.0, rbl_syntax::value::Unit::factor)
}

/// Rounds to three digits.
pub(super) fn rounded(value: f64) -> f64 {
    let (_, digits) = step(value);
    tidy(value, digits)
}

/// The step in the third digit, and the number of decimal places it has.
fn step(value: f64) -> (f64, usize) {
    if value == 0.0 || !value.is_finite() {
        return (1.0, 0);
    }
    #[allow(clippy::cast_possible_truncation)] // a float has no more than 308
    let exponent = value.abs().log10().floor() as i32 - 2;
    (10f64.powi(exponent), usize::try_from(-exponent).unwrap_or(0))
}

/// Rounds to this many decimal places: `0.499`, not `0.49900000000000005`.
fn tidy(value: f64, digits: usize) -> f64 {
    format!("{value:.digits$}").parse().unwrap_or(value)
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // what is written is meant to its last bit
mod tests {
    use super::{Quantity, far, near, rounded};

    #[test]
    fn as_a_person_writes_them() {
        let near = |text: &str| near(&Quantity::parse(text).unwrap());
        let same = |text: &str, wanted: [&str; 3]| {
            assert_eq!(near(text), wanted.map(|it| Quantity::parse(it).unwrap().base), "{text}");
        };
        same("500ms", ["499ms", "500ms", "501ms"]);
        same("30m", ["29.9m", "30m", "30.1m"]);
        same("1000", ["990", "1000", "1010"]);
        same("90%", ["89.9%", "90%", "90.1%"]);
        same("0", ["-1", "0", "1"]);
        let read = |text: &str| Quantity::parse(text).unwrap();
        assert_eq!(far(&read("90%")), ["22.5%", "95%"].map(|it| read(it).base));
        assert_eq!(far(&read("400%")), ["100%", "1600%"].map(|it| read(it).base));
        assert_eq!(rounded(0.333_333), 0.333);
        assert_eq!(rounded(123_456.0), 123_456.0);
    }
}
