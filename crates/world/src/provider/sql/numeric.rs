//! `numeric` of `PostgreSQL`: digits in groups of four, which no float holds.

use std::fmt::Write as _;

use super::cell::SqlCell;

/// A `numeric` in the binary form of the protocol; `None`: it is none.
pub(super) fn read(bytes: &[u8]) -> Option<SqlCell> {
    let mut words = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair));
    let (count, weight, sign, scale) =
        (words.next()?, words.next()?.cast_signed(), words.next()?, words.next()?);
    let minus = match sign {
        0x0000 => "",
        0x4000 => "-",
        0xC000 => return Some(SqlCell::Real(f64::NAN)),
        0xD000 => return Some(SqlCell::Real(f64::INFINITY)),
        0xF000 => return Some(SqlCell::Real(f64::NEG_INFINITY)),
        _ => return None,
    };
    let groups: Vec<u16> = words.collect();
    if groups.len() != usize::from(count) || groups.iter().any(|group| *group > 9999) {
        return None;
    }
    // The group of this power of ten thousand; what is left out is zero.
    let group = |power: i32| {
        let at = usize::try_from(i32::from(weight) - power).ok();
        at.and_then(|at| groups.get(at)).copied().unwrap_or(0)
    };
    let mut digits = String::new();
    for power in (0..=i32::from(weight).max(0)).rev() {
        let _ = write!(digits, "{:04}", group(power));
    }
    let whole = digits.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let mut fraction = String::new();
    let scale = usize::from(scale);
    let mut power = -1;
    while fraction.len() < scale {
        let _ = write!(fraction, "{:04}", group(power));
        power -= 1;
    }
    fraction.truncate(scale);
    let point = if scale == 0 { "" } else { "." };
    Some(SqlCell::Decimal(format!("{minus}{whole}{point}{fraction}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[u16]) -> Option<SqlCell> {
        read(&words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>())
    }

    #[test]
    fn every_digit_is_kept() {
        let decimal = |text: &str| Some(SqlCell::Decimal(text.into()));
        assert_eq!(of(&[0, 0, 0, 0]), decimal("0"));
        assert_eq!(of(&[0, 0, 0, 2]), decimal("0.00"));
        assert_eq!(of(&[2, 0, 0x4000, 2, 12, 3400]), decimal("-12.34"));
        assert_eq!(of(&[1, 0xFFFF, 0, 4, 5]), decimal("0.0005"));
        assert_eq!(of(&[1, 0xFFFE, 0, 8, 5]), decimal("0.00000005"));
        assert_eq!(of(&[1, 1, 0, 0, 3]), decimal("30000"), "zeros behind are left out");
        assert_eq!(of(&[3, 2, 0, 0, 9, 71, 9927]), decimal("900719927"), "and zeros before");
    }

    #[test]
    fn what_is_no_number_is_none() {
        assert!(matches!(of(&[0, 0, 0xC000, 0]), Some(SqlCell::Real(number)) if number.is_nan()));
        assert_eq!(of(&[0, 0, 0xF000, 0]), Some(SqlCell::Real(f64::NEG_INFINITY)));
        for wrong in [&[0, 0, 0x1234, 0][..], &[2, 0, 0, 0, 5], &[1, 0, 0, 0, 10000], &[0, 0]] {
            assert_eq!(of(wrong), None, "{wrong:?}");
        }
    }
}
