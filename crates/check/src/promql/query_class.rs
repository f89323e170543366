//! Classifies a query: a filter, which hides "false" as "no data", or a plain selector, whose samples have an age.

use promql_parser::parser::Expr;

use super::locate;

/// Whether the query is a comparison at its top: it filters, so that *false* and *no data* look the same.
pub(super) fn is_comparison(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(paren) => is_comparison(&paren.expr),
        Expr::Binary(binary) if binary.op.is_comparison_operator() => !binary.return_bool(),
        // `a > 1 and b > 2`, `a > 1 unless b`: the left side decides what remains.
        Expr::Binary(binary) if binary.op.is_set_operator() => is_comparison(&binary.lhs),
        _ => false,
    }
}

/// Returns the selector if the query is nothing else: `name{…}` without `offset` and `@`, so that `timestamp(…)`
/// returns when its samples were measured.
pub fn plain_selector(query: &str) -> Option<&str> {
    let expr = locate::parse(query).ok()?;
    matches!(&expr, Expr::VectorSelector(selector) if selector.offset.is_none() && selector.at.is_none())
        .then(|| query.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn top_comparison(query: &str) -> bool {
        locate::parse(query).is_ok_and(|expr| is_comparison(&expr))
    }

    #[test]
    fn comparisons_at_the_top() {
        for query in ["a > 1", "(a > 1)", "a == b", "a > 1 and b < 2", "sum(a) >= 2 unless b"] {
            assert!(top_comparison(query), "{query}");
        }
        for query in ["a > bool 1", "a", "sum(a > 1)", "count(a > 1) + 2", "a and b", "not promql ("] {
            assert!(!top_comparison(query), "{query}");
        }
    }

    #[test]
    fn plain_selectors() {
        assert_eq!(plain_selector(" up{job=\"x\"}\n"), Some("up{job=\"x\"}"));
        for query in ["rate(a[5m])", "a offset 5m", "a @ 5", "a[5m]", "a + 1", "1", "(a"] {
            assert_eq!(plain_selector(query), None, "{query}");
        }
    }
}
