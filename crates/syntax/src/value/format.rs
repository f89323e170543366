//! Prints quantities for people: a literal as it was written, anything measured or computed in the largest unit that keeps
//! it at 1 or more.
//!
//! *Invariant:* never a power of ten; a plain number is never rounded, and a ratio is never rounded up to 100%.

use super::quantity::Form;
use super::{Dimension, Quantity, Scale, TimeUnit, Unit, UnitSymbol};

/// Formats a quantity for people.
pub(super) fn quantity(quantity: &Quantity) -> String {
    match (quantity.form, quantity.unit) {
        (Form::Written, Some(unit)) => in_unit(quantity, unit),
        (Form::Compound, Some(unit)) => compound(quantity.base, unit.symbol),
        (Form::Written | Form::Compound, None) | (Form::Measured | Form::Computed, _) => measured(quantity),
    }
}

/// Formats a quantity without rounding it, in its unit, or in the unit in which it is shown where it has none.
pub(super) fn exact(quantity: &Quantity) -> String {
    match (quantity.form, quantity.unit) {
        (Form::Written | Form::Compound, Some(_)) => self::quantity(quantity),
        (Form::Measured, Some(unit)) => in_unit(quantity, unit),
        (Form::Computed, _) | (_, None) => match shown_unit(quantity) {
            Some(unit) => in_unit(quantity, unit),
            None => format!("{}{}", plain(quantity.base), powers(quantity.dimension)),
        },
    }
}

fn in_unit(quantity: &Quantity, unit: Unit) -> String {
    let unit = readable(unit);
    format!("{}{unit}", plain(quantity.number_in(unit)))
}

/// A proportion is declared as 0–1 and prints as percent.
fn readable(unit: Unit) -> Unit {
    match unit.symbol {
        UnitSymbol::Ratio => Unit { symbol: UnitSymbol::Percent, ..unit },
        _ => unit,
    }
}

/// Formats something measured or computed.
fn measured(quantity: &Quantity) -> String {
    let (base, dimension) = (quantity.base, quantity.dimension);
    if let (true, Form::Measured, Some(unit)) = (base == 0.0, quantity.form, quantity.unit) {
        return format!("0{}", readable(unit));
    }
    match (dimension.time, dimension.data, dimension.scale) {
        (0, 0, Scale::Ratio) => percent(base),
        (0, 0, Scale::Plain | Scale::Either) => plain(base),
        (1, 0, _) => duration(base),
        _ => match shown_unit(quantity) {
            Some(unit) => format!("{}{unit}", significant(base / unit.factor())),
            None => format!("{}{}", significant(base), powers(dimension)),
        },
    }
}

/// Returns the unit in which a quantity is shown; of a duration in two parts, the unit of the second. `None` where no unit
/// has its dimension.
pub(super) fn shown_unit(quantity: &Quantity) -> Option<Unit> {
    if let (Form::Written, Some(unit)) = (quantity.form, quantity.unit) {
        return Some(unit);
    }
    let dimension = quantity.dimension;
    let per = match (dimension.time, dimension.data, dimension.scale) {
        (0, 0, Scale::Ratio) => return Some(Unit::of(UnitSymbol::Percent)),
        (0, 0, _) => return Some(Unit::ONE),
        (1, 0, _) => return Some(duration_unit(quantity.base)),
        (0, 1, _) => None,
        (-1, 0 | 1, _) => Some(quantity.unit.and_then(|unit| unit.per).unwrap_or(TimeUnit::Second)),
        _ => return None,
    };
    let binary = quantity.unit.is_some_and(Unit::is_binary);
    let symbols: &[UnitSymbol] = match (dimension.data, dimension.scale, binary) {
        (0, Scale::Ratio, _) => &[UnitSymbol::Percent],
        (0, _, _) => &[UnitSymbol::One],
        (_, _, true) => &BINARY,
        (_, _, false) => &DECIMAL,
    };
    let smallest = symbols.first().map(|symbol| Unit { symbol: *symbol, per })?;
    if quantity.base == 0.0 {
        return Some(smallest);
    }
    let at_least_one = |unit: &Unit| rounded(quantity.base / unit.factor()).abs() >= 1.0;
    let largest = symbols.iter().rev().map(|symbol| Unit { symbol: *symbol, per }).find(at_least_one);
    // A rate of less than one is shown for a longer time.
    let longer = || {
        let behind = TimeUnit::ALL.into_iter().skip_while(|unit| Some(*unit) != per);
        behind.map(|per| Unit { per: Some(per), ..smallest }).find(at_least_one)
    };
    let longest = || per.map(|_| Unit { per: TimeUnit::ALL.last().copied(), ..smallest });
    largest.or_else(|| per.and_then(|_| longer())).or_else(longest).or(Some(smallest))
}

/// The unit of the 1024 family that marks a computed amount of data, or of data per time, as belonging to it.
pub(super) fn binary_base(dimension: Dimension) -> Option<Unit> {
    let per = match (dimension.data, dimension.time) {
        (1, 0) => None,
        (1, -1) => Some(TimeUnit::Second),
        _ => return None,
    };
    Some(Unit { symbol: UnitSymbol::Kibibyte, per })
}

/// The decimal units of data, smallest first.
const DECIMAL: [UnitSymbol; 6] = [
    UnitSymbol::Byte,
    UnitSymbol::Kilobyte,
    UnitSymbol::Megabyte,
    UnitSymbol::Gigabyte,
    UnitSymbol::Terabyte,
    UnitSymbol::Petabyte,
];

/// The binary units of data, smallest first.
const BINARY: [UnitSymbol; 6] = [
    UnitSymbol::Byte,
    UnitSymbol::Kibibyte,
    UnitSymbol::Mebibyte,
    UnitSymbol::Gibibyte,
    UnitSymbol::Tebibyte,
    UnitSymbol::Pebibyte,
];

/// The units of durations, largest first.
const TIMES: [UnitSymbol; 8] = [
    UnitSymbol::Week,
    UnitSymbol::Day,
    UnitSymbol::Hour,
    UnitSymbol::Minute,
    UnitSymbol::Second,
    UnitSymbol::Millisecond,
    UnitSymbol::Microsecond,
    UnitSymbol::Nanosecond,
];

/// The pairs of units in which a duration from a minute on is shown.
const PAIRS: [(UnitSymbol, UnitSymbol); 3] = [
    (UnitSymbol::Day, UnitSymbol::Hour),
    (UnitSymbol::Hour, UnitSymbol::Minute),
    (UnitSymbol::Minute, UnitSymbol::Second),
];

/// `90d`, `1h30m`, `12m40s`, `15ms`: below a minute three significant digits, above it two parts.
fn duration(base: f64) -> String {
    let sign = if base < 0.0 { "-" } else { "" };
    let amount = base.abs();
    for (large, small) in PAIRS {
        let (large, small) = (large.row(), small.row());
        let parts = (amount / small.factor).round();
        let ratio = (large.factor / small.factor).round();
        if parts >= ratio {
            let (whole, rest) = ((parts / ratio).floor(), parts % ratio);
            let rest = if rest == 0.0 { String::new() } else { format!("{rest}{}", small.spelling) };
            return format!("{sign}{whole}{}{rest}", large.spelling);
        }
    }
    let unit = duration_unit(base);
    format!("{sign}{}{unit}", significant(amount / unit.factor()))
}

/// The unit in which a duration is shown; of two parts, the smaller one.
fn duration_unit(base: f64) -> Unit {
    let amount = base.abs();
    for (large, small) in PAIRS {
        let parts = (amount / small.row().factor).round();
        if parts * small.row().factor >= large.row().factor {
            return Unit::of(small);
        }
    }
    let below = [UnitSymbol::Second, UnitSymbol::Millisecond, UnitSymbol::Microsecond];
    let at_least_one = |unit: &UnitSymbol| rounded(amount / unit.row().factor) >= 1.0;
    match below.into_iter().find(at_least_one) {
        _ if amount == 0.0 => Unit::of(UnitSymbol::Second),
        Some(unit) => Unit::of(unit),
        None => Unit::of(UnitSymbol::Nanosecond),
    }
}

/// `1h30m`, as it was written: all its parts, from the largest unit on.
fn compound(base: f64, largest: UnitSymbol) -> String {
    // Whole nanoseconds, so that no part is lost to the binary fractions of the others.
    let mut left = (base.abs() * 1e9).round();
    let mut text = String::from(if base < 0.0 { "-" } else { "" });
    for row in TIMES.into_iter().skip_while(|symbol| *symbol != largest).map(UnitSymbol::row) {
        let size = (row.factor * 1e9).round();
        let many = (left / size).floor();
        left -= many * size;
        if many >= 1.0 {
            text = format!("{text}{many}{}", row.spelling);
        }
    }
    if text.is_empty() || text == "-" { format!("0{}", largest.row().spelling) } else { text }
}

/// A ratio in percent: three significant digits, and more where fewer would round it up to 100%.
fn percent(base: f64) -> String {
    let value = base * 100.0;
    let below = value.abs() < 100.0;
    let text = (3..=17)
        .map(|digits| rounded_to(value, digits))
        .find(|text| !below || text.trim_start_matches('-') != "100")
        .unwrap_or_else(|| plain(value));
    format!("{text}%")
}

/// Formats with three significant digits, all digits before the point, no trailing zeros.
pub(super) fn significant(value: f64) -> String {
    rounded_to(value, 3)
}

/// What [`significant`] prints, as a number.
fn rounded(value: f64) -> f64 {
    significant(value).parse().unwrap_or(value)
}

fn rounded_to(value: f64, digits: i32) -> String {
    if value == 0.0 {
        return "0".into();
    }
    // The exponent of the rounded number: 9.996 has one digit before its point, and 10.0 has two.
    let digits_behind = usize::try_from(digits - 1).unwrap_or(0);
    let exponent = format!("{value:.digits_behind$e}");
    let exponent: i32 = exponent.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
    let decimals = usize::try_from(digits - 1 - exponent).unwrap_or(0);
    without_zeros(format!("{value:.decimals$}"))
}

fn without_zeros(text: String) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Formats a number with all its digits. What only the binary fractions of a computation added is left out: `0.1 + 0.2` is
/// 0.3.
pub(super) fn plain(value: f64) -> String {
    let value = tidy(value);
    // Negative zero is zero.
    if value == 0.0 { "0".into() } else { value.to_string() }
}

/// The most digits of a number that looks written rather than computed.
const FEW: usize = 12;

/// The smallest whole number of more digits than that.
const WHOLE: f64 = 1e12;

/// The number without what binary fractions added to it, if it has few digits then.
pub(super) fn tidy(value: f64) -> f64 {
    // A whole number of few digits is what it looks like; so are the elements of most long lists.
    if value.fract() == 0.0 && value.abs() < WHOLE {
        return value;
    }
    let near: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    let digits = format!("{near:e}")
        .split('e')
        .next()
        .map_or(0, |text| text.chars().filter(char::is_ascii_digit).count());
    if digits <= FEW { near } else { value }
}

/// Formats a dimension that no unit has in base units: ` B·s^2`.
fn powers(dimension: Dimension) -> String {
    let part = |power: i8, name: &str| match power {
        0 => None,
        1 => Some(name.to_owned()),
        power => Some(format!("{name}^{power}")),
    };
    let parts: Vec<String> =
        [part(dimension.data, "B"), part(dimension.time, "s")].into_iter().flatten().collect();
    format!(" {}", parts.join("·"))
}

#[cfg(test)]
#[path = "format/tests.rs"]
mod tests;
