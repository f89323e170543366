//! A number that computing, or printing it again, would write with other digits.

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;

use super::Quantity;
use super::quantity::LARGEST_EXACT;

/// A number as it was written, where a computed number would print differently: `1.10`, `0.1234567890123456789012`,
/// `007`, `1e400`, a whole number beyond 2⁵³. It is passed on as it was written. It is computed with as the nearest float,
/// and unknown there where that is another number by far more than a rounding: see [`ExactNumber::computable`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct ExactNumber(SmolStr);

impl<'de> Deserialize<'de> for ExactNumber {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = SmolStr::deserialize(from)?;
        match Decimal::of(&text) {
            Some(_) => Ok(Self(text)),
            None => Err(D::Error::custom("not a number")),
        }
    }
}

impl ExactNumber {
    /// Reads a decimal number; `None` for anything else, and for one that prints as it was written and can be computed with.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if prints_the_same_at_once(text) || Decimal::of(text).is_none() {
            return None;
        }
        let value: f64 = text.parse().ok()?;
        // Beyond 2⁵³ others become the same float, whatever it prints.
        let kept = value.abs() <= LARGEST_EXACT && Quantity::number(value).to_string() == text;
        (!kept).then(|| Self(text.into()))
    }

    /// What was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest float.
    pub fn nearest(&self) -> f64 {
        self.0.parse().unwrap_or(LARGEST_EXACT)
    }

    /// The number that it is computed with and compared as. `None`: too large for any (`1e400`), a whole number beyond
    /// 2⁵³ written with all its digits, or too small for any but 0 (`1e-400`).
    pub fn computable(&self) -> Option<f64> {
        let nearest = self.nearest();
        let decimal = Decimal::of(&self.0)?;
        let lost = nearest == 0.0 && !decimal.digits.is_empty();
        let round = decimal.power_written && self.is_exact();
        (nearest.is_finite() && !lost && (nearest.abs() < LARGEST_EXACT || round)).then_some(nearest)
    }

    /// Whether the nearest float is the same number, by the digits that it prints.
    pub fn is_exact(&self) -> bool {
        let nearest = self.nearest();
        let Some(decimal) = Decimal::of(&self.0).filter(|_| nearest.is_finite()) else { return false };
        // A whole number with all its digits is compared with all those of the float.
        let all = if decimal.power_written || decimal.power < 0 {
            format!("{nearest:e}")
        } else {
            format!("{nearest:.0}")
        };
        Decimal::of(&all).is_some_and(|it| it.is_same(&decimal))
    }

    /// A text that is the same for every spelling of the same number.
    pub(super) fn identity(&self) -> String {
        Self::identity_of(&self.0)
    }

    /// The same of what a number is written as; of anything else itself.
    pub(super) fn identity_of(text: &str) -> String {
        match Decimal::of(text) {
            Some(decimal) if decimal.digits.is_empty() => "0".to_owned(),
            Some(Decimal { negative, digits, power, .. }) => {
                format!("{}{digits}e{power}", if negative { "-" } else { "" })
            }
            None => text.to_owned(),
        }
    }

    /// With the other sign.
    #[must_use]
    pub fn negate(&self) -> Self {
        Self(match self.0.strip_prefix('-') {
            Some(digits) => digits.into(),
            None => format!("-{}", self.0.trim_start_matches('+')).into(),
        })
    }
}

/// Whole numbers of up to 15 digits, which most are.
fn prints_the_same_at_once(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let all_digits = digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits && (text == "0" || !digits.starts_with('0'))
}

/// A decimal number: its digits from the first to the last that is not 0, times a power of ten.
struct Decimal {
    negative: bool,
    digits: String,
    power: i64,
    /// Whether it was written with `e`.
    power_written: bool,
}

impl Decimal {
    fn of(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, power) = match rest.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, Some(power.parse::<i64>().ok()?)),
            None => (rest, None),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let only_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if mantissa.ends_with('.') || mantissa.is_empty() || !only_digits(whole) || !only_digits(fraction) {
            return None;
        }
        let all = format!("{whole}{fraction}");
        let kept = all.trim_end_matches('0');
        let cut = i64::try_from(all.len() - kept.len()).ok()? - i64::try_from(fraction.len()).ok()?;
        let digits = kept.trim_start_matches('0').to_owned();
        let power_written = power.is_some();
        Some(Self { negative, digits, power: power.unwrap_or(0).checked_add(cut)?, power_written })
    }

    fn is_same(&self, other: &Self) -> bool {
        let zero = self.digits.is_empty() && other.digits.is_empty();
        zero || (self.negative, &self.digits, self.power) == (other.negative, &other.digits, other.power)
    }
}

impl std::fmt::Display for ExactNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // exact numbers go in, and have to come out
mod tests {
    use super::ExactNumber;

    fn read(text: &str) -> Option<String> {
        ExactNumber::parse(text).map(|number| number.to_string())
    }

    #[test]
    fn what_would_print_with_other_digits_is_kept() {
        for exact in [
            "563018673253974017",
            "-9007199254740993",
            "9007199254740994",
            "340282366920938463463374607431768211457",
            "90071992547409930.5",
            "0.1234567890123456789012",
            "0.30000000000000004",
            "1.10",
            "1.0",
            "-0",
            "007",
            "+49301234",
            "1e400",
            "1e-400",
            "1234e5",
        ] {
            assert_eq!(read(&format!(" {exact} ")).as_deref(), Some(exact));
        }
    }

    #[test]
    fn what_prints_as_it_was_written_is_an_ordinary_number() {
        for ordinary in ["9007199254740992", "42", "-42", "0", "1.5", "0.1", "0.25", "123456789012345"] {
            assert_eq!(read(ordinary), None, "{ordinary}");
        }
        for none in ["", "-", "0x1", "1.", ".", "e5", "1e", "1.2.3", "NaN", "inf", "1 2", "1e+-3"] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn it_is_computed_with_where_a_float_is_near() {
        let computable = |text| ExactNumber::parse(text).unwrap().computable();
        assert_eq!(computable("1.10"), Some(1.1));
        assert_eq!(computable("0.1234567890123456789012"), Some(0.123_456_789_012_345_68));
        assert_eq!(computable("007"), Some(7.0));
        assert_eq!(computable("1e300"), Some(1e300));
        assert_eq!(computable("-0.0"), Some(0.0));
        for none in ["9007199254740993", "9007199254740993.5", "1e400", "1e-400", "123456789012345678e2"] {
            assert_eq!(computable(none), None, "{none}");
        }
    }

    #[test]
    fn the_nearest_float_may_be_the_same_number() {
        let is_exact = |text| ExactNumber::parse(text).unwrap().is_exact();
        for exact in ["9007199254740994", "1.10", "007", "1e23", "-0.0", "+5"] {
            assert!(is_exact(exact), "{exact}");
        }
        for other in ["9007199254740993", "0.1234567890123456789012", "1e400", "1e-400"] {
            assert!(!is_exact(other), "{other}");
        }
    }

    #[test]
    fn the_sign_can_change() {
        let number = ExactNumber::parse("9007199254740993").unwrap();
        assert_eq!(number.negate().to_string(), "-9007199254740993");
        assert_eq!(number.negate().negate(), number);
    }
}
