//! Numbers of a query as literals of the language.

use promql_parser::parser::Expr;

/// The value of an expression that is nothing but numbers.
pub(super) fn constant(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::NumberLiteral(it) => Some(it.val),
        Expr::Paren(it) => constant(&it.expr),
        Expr::Unary(it) => Some(-constant(&it.expr)?),
        Expr::Binary(it) => {
            let (left, right) = (constant(&it.lhs)?, constant(&it.rhs)?);
            Some(match it.op.to_string().as_str() {
                "+" => left + right,
                "-" => left - right,
                "*" => left * right,
                "/" => left / right,
                "^" => left.powf(right),
                _ => return None,
            })
        }
        _ => None,
    }
    .filter(|it| it.is_finite())
}

/// A number in a unit as a literal. `None`: it has no literal.
pub(super) fn quantity(number: f64, unit: Option<&str>) -> Option<String> {
    let (value, unit) = match unit {
        None => (number, ""),
        Some("ratio") => (rounded(number * 100.0), "%"),
        // 0.25s reads better as 250ms.
        Some("s") if number.abs() < 1.0 && number != 0.0 => (rounded(number * 1000.0), "ms"),
        Some("s") if number != 0.0 && number % 86_400.0 == 0.0 => (number / 86_400.0, "d"),
        Some("s") if number != 0.0 && number % 3_600.0 == 0.0 => (number / 3_600.0, "h"),
        Some("s") if number != 0.0 && number % 60.0 == 0.0 => (number / 60.0, "m"),
        Some(unit) => (number, unit),
    };
    let text = value.to_string();
    (!text.contains(['e', 'N', 'i'])).then(|| format!("{text}{unit}"))
}

/// Without what only the binary representation adds.
fn rounded(number: f64) -> f64 {
    let text = format!("{number:.9}");
    text.parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_units() {
        let of = |number: f64, unit: &str| quantity(number, Some(unit)).unwrap();
        assert_eq!(of(0.01, "ratio"), "1%");
        assert_eq!(of(0.07, "ratio"), "7%");
        assert_eq!(of(0.25, "s"), "250ms");
        assert_eq!(of(7200.0, "s"), "2h");
        assert_eq!(of(90.0, "s"), "90s");
        assert_eq!(of(-1.5, "%"), "-1.5%");
        assert_eq!(quantity(1e9, None).unwrap(), "1000000000");
    }
}
