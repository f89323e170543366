//! Prints quantities. A quantity prints in the unit it was written or declared in, a computed one in the largest unit
//! that keeps it at 1 or more. Three significant digits, but all digits before the point; never scientific notation.

use super::{Dimension, Quantity, Scale, TimeUnit, Unit, UnitSymbol};

/// Formats a quantity for people.
pub(super) fn quantity(quantity: &Quantity) -> String {
    let unit = quantity.unit.or_else(|| fitting(quantity.base, quantity.dimension));
    match unit {
        Some(Unit { symbol: UnitSymbol::Ratio, per }) => {
            let unit = Unit { symbol: UnitSymbol::Percent, per };
            format!("{}{unit}", number(quantity.in_unit(unit)))
        }
        Some(unit) => format!("{}{unit}", number(quantity.in_unit(unit))),
        None => format!("{}{}", number(quantity.base), powers(quantity.dimension)),
    }
}

/// Formats a number: three significant digits, all digits before the point, no trailing zeros.
pub(super) fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    #[allow(clippy::cast_possible_truncation)] // the logarithm of a finite f64 lies within ±324
    let before_point = value.abs().log10().floor() as i32 + 1;
    let decimals = usize::try_from(3 - before_point).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Returns the largest unit of the dimension in which the value is at least 1; the smallest if there is none.
fn fitting(base: f64, dimension: Dimension) -> Option<Unit> {
    let candidates: Vec<Unit> = match (dimension.time, dimension.data, dimension.scale) {
        (0, 0, Scale::Ratio) => return Some(Unit::of(UnitSymbol::Percent)),
        (0, 0, _) => return Some(Unit::ONE),
        (1, 0, _) => symbols(Dimension::DURATION).map(Unit::of).collect(),
        (0, 1, _) => decimal_data().map(Unit::of).collect(),
        (-1, 0, Scale::Ratio) => rates([UnitSymbol::Percent].into_iter()),
        (-1, 0, _) => rates([UnitSymbol::One].into_iter()),
        (-1, 1, _) => rates(decimal_data()),
        _ => return None,
    };
    if base == 0.0 {
        let second_or_byte = |unit: &&Unit| (unit.factor() - 1.0).abs() < f64::EPSILON;
        return candidates.iter().find(second_or_byte).or(candidates.first()).copied();
    }
    let fits = |unit: &&Unit| base.abs() / unit.factor() >= 1.0 - 1e-12;
    let by_factor = |a: &&Unit, b: &&Unit| a.factor().total_cmp(&b.factor());
    candidates.iter().filter(fits).max_by(by_factor).or_else(|| candidates.iter().min_by(by_factor)).copied()
}

/// Returns the unit of the 1024 family that fits an amount of data, or of data per second; `None` for anything else.
pub(super) fn fitting_binary(base: f64, dimension: Dimension) -> Option<Unit> {
    let per = match (dimension.data, dimension.time) {
        (1, 0) => None,
        (1, -1) => Some(TimeUnit::Second),
        _ => return None,
    };
    let family = [
        UnitSymbol::Byte,
        UnitSymbol::Kibibyte,
        UnitSymbol::Mebibyte,
        UnitSymbol::Gibibyte,
        UnitSymbol::Tebibyte,
        UnitSymbol::Pebibyte,
    ];
    let fits = |unit: &Unit| base.abs() / unit.factor() >= 1.0;
    let units = family.into_iter().map(|symbol| Unit { symbol, per });
    units.rev().find(fits).or(Some(Unit { symbol: UnitSymbol::Byte, per }))
}

fn symbols(dimension: Dimension) -> impl Iterator<Item = UnitSymbol> {
    UnitSymbol::TABLE.into_iter().filter(move |row| row.dimension == dimension).map(|row| row.symbol)
}

fn decimal_data() -> impl Iterator<Item = UnitSymbol> {
    symbols(Dimension::DATA).filter(|symbol| !Unit::of(*symbol).is_binary())
}

/// A rate is shown per second; only one below 1 per second is shown per a longer time.
fn rates(symbols: impl Iterator<Item = UnitSymbol>) -> Vec<Unit> {
    let mut units: Vec<Unit> = symbols.map(|symbol| Unit { symbol, per: Some(TimeUnit::Second) }).collect();
    if let Some(first) = units.first().copied() {
        units.extend(TimeUnit::ALL.into_iter().skip(1).map(|per| Unit { per: Some(per), ..first }));
    }
    units
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
mod tests {
    use super::*;

    fn written(value: f64, unit: &str) -> String {
        Quantity::of(value, Unit::parse(unit).unwrap()).unwrap().to_string()
    }

    fn computed(base: f64, dimension: Dimension) -> String {
        Quantity { base, dimension, unit: None }.to_string()
    }

    #[test]
    fn keeps_the_authors_unit() {
        assert_eq!(written(1600.0, "ms"), "1600ms");
        assert_eq!(written(812.345, "ms"), "812ms");
        assert_eq!(written(0.25, "%"), "0.25%");
        assert_eq!(written(0.123, "ratio"), "12.3%");
        assert_eq!(written(20.0, "MiB/s"), "20MiB/s");
        assert_eq!(written(123_456_789_012.0, "B"), "123456789012B");
        assert_eq!(written(0.000_012_34, "s"), "0.0000123s");
    }

    #[test]
    fn computed_ones_take_the_largest_unit_that_keeps_them_at_one() {
        assert_eq!(computed(1_000.0, Dimension::DURATION), "16.7m");
        assert_eq!(computed(604_800.0, Dimension::DURATION), "1w");
        assert_eq!(computed(0.000_5, Dimension::DURATION), "500us");
        assert_eq!(computed(0.0, Dimension::DURATION), "0s");
        assert_eq!(computed(-90.0, Dimension::DURATION), "-1.5m");
        assert_eq!(computed(2_500_000.0, Dimension::DATA), "2.5MB");
        assert_eq!(computed(0.5, Dimension { time: -1, data: 0, scale: Scale::Plain }), "30/m");
        assert_eq!(computed(200.0, Dimension { time: -1, data: 0, scale: Scale::Plain }), "200/s");
        assert_eq!(computed(0.000_008_333, Dimension { time: -1, data: 0, scale: Scale::Ratio }), "3%/h");
        assert_eq!(computed(4.0, Dimension { time: 2, data: 0, scale: Scale::Plain }), "4 s^2");
    }

    #[test]
    fn sizes_stay_in_their_family() {
        let gib = Quantity::of(1.0, Unit::parse("GiB").unwrap()).unwrap();
        assert_eq!(gib.add(gib).unwrap().to_string(), "2GiB");
        assert_eq!(gib.divide(Quantity::number(4.0)).unwrap().to_string(), "256MiB");
    }
}
