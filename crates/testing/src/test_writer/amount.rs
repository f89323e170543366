//! Formats amounts as numbers with a unit: the shortest text that parses as exactly the same number.

use super::UnwritableTest;
use rbl_syntax::value::{Dimension, Unit, UnitSymbol};

/// The most digits that people read; a longer number is written as a power of ten of its unit.
const LONGEST: usize = 24;

/// Formats an amount in base units, in a unit. An amount that this unit cannot represent exactly is written in the base
/// unit; a ratio, which has none, as a multiple of `100%`.
pub(super) fn amount(base: f64, unit: Unit) -> Result<String, UnwritableTest> {
    if !base.is_finite() {
        return Err(UnwritableTest::no_form(format!("the number {base}")));
    }
    let unit = readable(unit);
    if let Some(text) = direct(base, unit) {
        return Ok(text);
    }
    let whole = base_unit(unit);
    if let Some(text) = whole.and_then(|whole| direct(base, whole)) {
        return Ok(text);
    }
    // A number of any size, multiplied by exactly one.
    let one = match (whole, unit.per) {
        (Some(whole), _) => format!("1{}", spelling(whole)),
        (None, Some(_)) => "100%/s".to_owned(),
        (None, None) => "100%".to_owned(),
    };
    Ok(format!("{} * {one}", number(base)))
}

/// The same, where only an operand is allowed.
pub(super) fn operand(base: f64, unit: Unit) -> Result<String, UnwritableTest> {
    let text = amount(base, unit)?;
    Ok(if text.starts_with('-') || text.contains(' ') { format!("({text})") } else { text })
}

/// A duration as people write it: `90s`, `10m`, `1h5m`, `250ms`.
pub(super) fn duration(seconds: f64) -> Result<String, UnwritableTest> {
    if seconds < 0.0 {
        return Ok(format!("-{}", lasting(-seconds)?));
    }
    lasting(seconds)
}

/// The same for a duration above zero; also valid where only an operand is allowed.
pub(super) fn lasting(seconds: f64) -> Result<String, UnwritableTest> {
    use UnitSymbol::{Day, Hour, Millisecond, Minute, Second, Week};
    if seconds <= 0.0 {
        return Err(UnwritableTest::no_form("something that lasts no time at all"));
    }
    let mut best: Option<(usize, String)> = None;
    let mut offer = |text: String, cost: usize| {
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, text));
        }
    };
    for symbol in [Week, Day, Hour, Minute, Second, Millisecond] {
        if let Some(text) = direct(seconds, Unit::of(symbol)) {
            let digits = text.chars().filter(char::is_ascii_digit).count();
            // Decimals, more than three digits, or large counts of a unit are harder to read than another unit.
            let many = symbol != Millisecond && seconds / symbol.row().factor > 90.0;
            let cost = text.len()
                + 3 * usize::from(text.contains('.'))
                + 3 * digits.saturating_sub(3)
                + 3 * usize::from(many);
            offer(text, cost);
        }
    }
    if let Some(text) = compound(seconds, &[Day, Hour, Minute, Second]) {
        let cost = text.len() + 1;
        offer(text, cost);
    }
    match best {
        Some((_, text)) => Ok(text),
        None => operand(seconds, Unit::of(Second)),
    }
}

/// `1h5m`, if it equals exactly this many seconds.
fn compound(seconds: f64, units: &[UnitSymbol]) -> Option<String> {
    let (mut left, mut text, mut read) = (seconds, String::new(), 0.0);
    let mut first = None;
    for unit in units.iter().map(|unit| unit.row()) {
        let many = (left / unit.factor).floor();
        left -= many * unit.factor;
        if many >= 1.0 {
            read += many * unit.factor;
            first = first.or(Some(unit.factor));
            text = format!("{text}{many}{}", unit.spelling);
        }
    }
    // As the parser computes it: the sum, in the first unit.
    let first = first?;
    (left == 0.0 && seconds < 1e9 && same(read / first * first, seconds)).then_some(text)
}

/// The shortest number of the unit that equals exactly this amount.
fn direct(base: f64, unit: Unit) -> Option<String> {
    let factor = unit.factor();
    let near = base / factor;
    let exact = |value: &f64| same(value * factor, base);
    let shortest = (0..17)
        .filter_map(|digits| format!("{near:.digits$e}").parse::<f64>().ok())
        .find(exact)
        .or_else(|| [near, near.next_up(), near.next_down()].into_iter().find(exact))?;
    let text = if unit.symbol == UnitSymbol::One && unit.per.is_none() {
        number(shortest)
    } else {
        format!("{shortest}{}", spelling(unit))
    };
    (text.len() <= LONGEST).then_some(text)
}

/// A number without a unit.
fn number(value: f64) -> String {
    // Write negative zero as zero.
    let value = if value == 0.0 { 0.0 } else { value };
    let (plain, powers) = (value.to_string(), format!("{value:e}"));
    if plain.len() <= LONGEST { plain } else { powers }
}

/// Compares the bits, except that zero equals negative zero.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a == 0.0 && b == 0.0
}

/// Ratios are written as percent, because `ratio` is not a unit of numbers.
fn readable(unit: Unit) -> Unit {
    match unit.symbol {
        UnitSymbol::Ratio => Unit { symbol: UnitSymbol::Percent, ..unit },
        _ => unit,
    }
}

/// The unit of the same kind that equals one base unit; a ratio has none that can be written.
fn base_unit(unit: Unit) -> Option<Unit> {
    let symbol = match unit.symbol.row().dimension {
        Dimension::DURATION => UnitSymbol::Second,
        Dimension::DATA => UnitSymbol::Byte,
        Dimension::NUMBER => UnitSymbol::One,
        _ => return None,
    };
    Some(Unit { symbol, per: unit.per.map(|_| rbl_syntax::value::TimeUnit::Second) })
}

fn spelling(unit: Unit) -> String {
    unit.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::value::Quantity;

    fn unit(text: &str) -> Unit {
        if text.is_empty() { Unit::ONE } else { Unit::parse(text).unwrap() }
    }

    #[test]
    fn amounts_are_written_in_their_own_unit() {
        let written = |value: f64, text: &str| {
            let unit = unit(text);
            amount(Quantity::of(value, unit).unwrap().base, unit).unwrap()
        };
        assert_eq!(written(812.0, "ms"), "812ms");
        assert_eq!(written(0.3, "ms"), "0.3ms");
        assert_eq!(written(97.0, "%"), "97%");
        assert_eq!(written(0.97, "ratio"), "97%");
        assert_eq!(written(20.0, "MiB/s"), "20MiB/s");
        assert_eq!(written(5.0, "/m"), "5/m");
        assert_eq!(written(-3.0, ""), "-3");
        assert_eq!(written(1e30, ""), "1e30");
        assert_eq!(written(0.0, "s"), "0s");
        assert_eq!(operand(-0.005, unit("ms")).unwrap(), "(-5ms)");
        assert!(amount(f64::INFINITY, Unit::ONE).is_err());
    }

    #[test]
    fn what_a_unit_cannot_hold_is_written_in_another() {
        // The bits of this lie between two numbers of milliseconds.
        let odd = (1..10_000_u32)
            .map(|n| f64::from(n) * 0.001 + f64::from(n) * f64::EPSILON)
            .find(|base| direct(*base, unit("ms")).is_none());
        if let Some(odd) = odd {
            assert!(amount(odd, unit("ms")).unwrap().ends_with('s'));
        }
        assert_eq!(amount(5e-324, unit("ms")).unwrap(), "5e-324 * 1s");
        assert_eq!(amount(5e-324, unit("%/h")).unwrap(), "5e-324 * 100%/s");
    }

    #[test]
    fn lengths_of_time_read_as_people_write_them() {
        let written = |seconds: f64| duration(seconds).unwrap();
        assert!(duration(0.0).is_err());
        assert_eq!(written(90.0), "90s");
        assert_eq!(written(600.0), "10m");
        assert_eq!(written(3_900.0), "65m");
        assert_eq!(written(5_400.0), "90m");
        assert_eq!(written(90_000.0), "25h");
        assert_eq!(written(301.0), "5m1s");
        assert_eq!(written(330.0), "5m30s");
        assert_eq!(written(3_601.0), "1h1s");
        assert_eq!(written(3_661.0), "1h1m1s");
        assert_eq!(written(7_260.0), "2h1m");
        assert_eq!(written(93_600.0), "26h");
        assert_eq!(written(0.25), "250ms");
        assert_eq!(written(1.5), "1.5s");
        assert_eq!(written(-3_600.0), "-1h");
        assert_eq!(written(604_800.0), "1w");
    }
}
