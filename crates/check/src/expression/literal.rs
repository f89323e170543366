//! Suggests spellings of a bare number with the unit that it lacks.

use rbl_syntax::value::{Dimension, Scale, TimeUnit, Unit, UnitSymbol};

/// "write `500ms`, or `500s` if you mean seconds": the spellings of a number in a dimension, the likeliest first.
pub(crate) fn with_units(value: f64, text: &str, dimension: Dimension, declared: Option<Unit>) -> String {
    if dimension == Dimension::RATIO && value > 0.0 && value <= 1.0 {
        return format!("write `{}`, or `{text}%` if you mean that little", percent(value));
    }
    let units = likely(value, dimension, declared);
    match units.as_slice() {
        [] => format!("give it a unit of {}", dimension.in_words()),
        [only] => format!("write `{text}{}`", spelled(*only)),
        [first, second, ..] => {
            let name = second.symbol.row().name;
            format!("write `{text}{}`, or `{text}{}` if you mean {name}", spelled(*first), spelled(*second))
        }
    }
}

/// Returns the spelling that is most likely meant.
pub(super) fn likeliest(
    value: f64,
    text: &str,
    dimension: Dimension,
    declared: Option<Unit>,
) -> Option<String> {
    if dimension == Dimension::RATIO && value > 0.0 && value <= 1.0 {
        return Some(percent(value));
    }
    likely(value, dimension, declared).first().map(|unit| format!("{text}{}", spelled(*unit)))
}

/// Formats a proportion as percent: 0.05 is `5%`.
fn percent(value: f64) -> String {
    let text = format!("{:.6}", value * 100.0);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

fn spelled(unit: Unit) -> String {
    String::from(unit)
}

fn likely(value: f64, dimension: Dimension, declared: Option<Unit>) -> Vec<Unit> {
    use UnitSymbol as U;
    let of = |symbols: &[U]| symbols.iter().map(|symbol| Unit::of(*symbol)).collect::<Vec<_>>();
    match (dimension.time, dimension.data, dimension.scale) {
        (1, 0, _) => {
            if value == 0.0 {
                return of(&[U::Second]);
            }
            let small = declared.is_none_or(|unit| unit.factor() <= 1.0);
            if value >= 20.0 && small {
                of(&[U::Millisecond, U::Second])
            } else if value >= 1.0 && !small {
                let mut units = declared.into_iter().collect::<Vec<_>>();
                units.push(Unit::of(if declared == Some(Unit::of(U::Minute)) { U::Hour } else { U::Minute }));
                units
            } else {
                of(&[U::Second, U::Minute])
            }
        }
        (0, 1, _) => {
            let binary = declared.is_some_and(Unit::is_binary);
            if binary { of(&[U::Mebibyte, U::Gibibyte]) } else { of(&[U::Megabyte, U::Gigabyte]) }
        }
        (0, 0, Scale::Ratio) => of(&[U::Percent]),
        (-1, 0, Scale::Ratio) => rates(U::Percent, declared),
        (-1, 0, _) => rates(U::One, declared),
        (-1, 1, _) => rates(U::Megabyte, declared),
        _ => declared.into_iter().collect(),
    }
}

fn rates(symbol: UnitSymbol, declared: Option<Unit>) -> Vec<Unit> {
    vec![declared.unwrap_or(Unit { symbol, per: Some(TimeUnit::Second) })]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_unit_comes_first() {
        let seconds = Some(Unit::of(UnitSymbol::Second));
        assert_eq!(
            with_units(500.0, "500", Dimension::DURATION, seconds),
            "write `500ms`, or `500s` if you mean seconds"
        );
        assert_eq!(with_units(5.0, "5", Dimension::RATIO, None), "write `5%`");
        assert_eq!(likeliest(0.005, "0.005", Dimension::RATIO, None).unwrap(), "0.5%");
    }
}
