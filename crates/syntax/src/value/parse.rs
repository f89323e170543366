//! Parses quantities from text that comes from outside: `--param wait=1h30m`, a label, a person's answer.

use super::{Dimension, ExactNumber, Form, Quantity, Unit, UnitRefusal};

/// Why a text is not a quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuantityRefusal {
    /// It does not begin with a number, or the number is followed by something that cannot begin a unit.
    NotANumber,
    /// A number followed by something that is not a unit of this language.
    Unit {
        /// The text after the number.
        written: String,
        /// What was probably meant; empty if nothing is close.
        instead: &'static [&'static str],
    },
    /// Several parts that are not durations in descending order (`30m1h`).
    Order,
    /// A whole number with more digits than can be computed with exactly.
    TooLarge,
}

impl std::fmt::Display for QuantityRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotANumber => f.write_str("is no number"),
            Self::Unit { written, instead: [] } => write!(f, "has no unit that is known: `{written}`"),
            Self::Unit { written, instead } => {
                let instead: Vec<String> = instead.iter().map(|unit| format!("`{unit}`")).collect();
                write!(f, "has no unit that is known: `{written}`; write {}", instead.join(" or "))
            }
            Self::Order => f.write_str("has its units out of order: the largest comes first"),
            Self::TooLarge => f.write_str("is too large to compute with exactly"),
        }
    }
}

impl Quantity {
    /// Parses `500ms`, `1h30m`, `90%`, `20MiB/s`, `-3`, `1_000`, `1e6`. Surrounding spaces are ignored.
    pub fn parse(text: &str) -> Result<Self, QuantityRefusal> {
        let text = text.trim();
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (first, mut rest) = part(rest)?;
        let mut total = first;
        let mut smallest = first.unit.unwrap_or(Unit::ONE);
        while !rest.is_empty() {
            let (next, behind) = part(rest)?;
            let unit = next.unit.unwrap_or(Unit::ONE);
            let both_durations =
                first.dimension == Dimension::DURATION && next.dimension == Dimension::DURATION;
            if !both_durations || unit.factor() >= smallest.factor() {
                return Err(QuantityRefusal::Order);
            }
            total.base += next.base;
            total.form = Form::Compound;
            smallest = unit;
            rest = behind;
        }
        Ok(if negative { total.negate() } else { total })
    }
}

/// Parses one number with its unit; returns the rest of the text too.
fn part(text: &str) -> Result<(Quantity, &str), QuantityRefusal> {
    let end = number_end(text);
    let (digits, rest) = text.split_at_checked(end).ok_or(QuantityRefusal::NotANumber)?;
    let plain: String = digits.chars().filter(|c| *c != '_').collect();
    let value: f64 = plain.parse().map_err(|_| QuantityRefusal::NotANumber)?;
    let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
    let (written, behind) = rest.split_at_checked(end).ok_or(QuantityRefusal::NotANumber)?;
    let unit = if written.is_empty() {
        Unit::ONE
    } else {
        Unit::parse(written).map_err(|refusal| QuantityRefusal::Unit {
            written: written.to_owned(),
            instead: match refusal {
                UnitRefusal::Doubtful(instead) => instead,
                UnitRefusal::Unknown => &[],
            },
        })?
    };
    let exact = ExactNumber::parse(&plain);
    let computable = |number: &ExactNumber| {
        if unit == Unit::ONE { number.computable().is_some() } else { number.is_exact() }
    };
    if !exact.as_ref().is_none_or(computable) {
        return Err(QuantityRefusal::TooLarge);
    }
    let quantity = Quantity::written(value, unit).map_err(|_| QuantityRefusal::NotANumber)?;
    Ok((quantity, behind))
}

/// Returns where the leading number ends: digits, `_`, one point, an exponent that has digits.
fn number_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(|b| b.is_ascii_digit() || *b == b'_') {
            at += 1;
        }
        at
    };
    if !bytes.first().is_some_and(|b| b.is_ascii_digit() || *b == b'.') {
        return 0;
    }
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1 + sign);
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Quantity::parse(text).unwrap().to_string()
    }

    #[test]
    fn reads_what_the_language_writes() {
        assert_eq!(shown("500ms"), "500ms");
        assert_eq!(shown(" 20MiB/s "), "20MiB/s");
        assert_eq!(shown("90%"), "90%");
        assert_eq!(shown("1_000"), "1000");
        assert_eq!(shown("-3"), "-3");
        assert_eq!(shown("5/m"), "5/m");
        assert!((Quantity::parse("1e6").unwrap().base - 1e6).abs() < 1e-6);
        assert!((Quantity::parse("1h30m").unwrap().base - 5_400.0).abs() < 1e-9);
        assert!((Quantity::parse("1.5h").unwrap().base - 5_400.0).abs() < 1e-9);
        assert_eq!(shown("1h30m"), "1h30m");
    }

    #[test]
    fn no_digit_is_lost() {
        assert_eq!(shown("9007199254740992"), "9007199254740992");
        for large in
            ["9007199254740993", "-18446744073709551616", "9_007_199_254_740_993", "9007199254740993B"]
        {
            assert_eq!(Quantity::parse(large), Err(QuantityRefusal::TooLarge), "{large}");
        }
        assert_eq!(shown("10000000000000000B"), "10000000000000000B");
        assert!(Quantity::parse("1e300").is_ok());
    }

    #[test]
    fn refuses_with_what_was_meant() {
        assert_eq!(Quantity::parse("five"), Err(QuantityRefusal::NotANumber));
        assert_eq!(Quantity::parse(""), Err(QuantityRefusal::NotANumber));
        assert_eq!(Quantity::parse("30m1h"), Err(QuantityRefusal::Order));
        assert_eq!(Quantity::parse("1GB5MB"), Err(QuantityRefusal::Order));
        let meant = Quantity::parse("5min").unwrap_err();
        assert_eq!(meant, QuantityRefusal::Unit { written: "min".into(), instead: &["m"] });
        assert_eq!(meant.to_string(), "has no unit that is known: `min`; write `m`");
    }
}
