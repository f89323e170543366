//! The condition of a rule as metrics and comparisons, without changing when it is true.
//!
//! A rule fires where its expression has any series. What cannot be split so that this stays the same is one metric that counts
//! the series.

use promql_parser::parser::{BinaryExpr, Expr};
use rbl_check::promql::{PromqlPart, analyse};

use super::number::{constant, quantity};
use crate::draft::{DraftMetric, identifier, unique};
use crate::import::markdown::{kept_labels, unit_of};

/// When a rule is true.
#[derive(Debug, Clone)]
pub(super) struct RuleCondition {
    pub(super) metrics: Vec<DraftMetric>,
    /// While the alert fires.
    pub(super) firing: String,
    /// Once it does not.
    pub(super) over: String,
    /// Whether the whole expression had to stay one metric.
    pub(super) is_whole: bool,
}

/// Splits an expression. `labels`: those that the annotations of the rule name.
pub(super) fn condition(expression: &str, labels: &[String]) -> Result<RuleCondition, String> {
    let tree = rbl_check::promql::tree(expression)?;
    let mut metrics = Vec::new();
    if let Some((firing, over)) = split(&tree, labels, &mut metrics) {
        return Ok(RuleCondition { metrics, firing, over, is_whole: false });
    }
    let query = format!("count(\n  {}\n) or vector(0)", expression.trim().replace('\n', "\n  "));
    let metric =
        DraftMetric { name: "firing_series".into(), by: Vec::new(), unit: None, query, open: Vec::new() };
    let (firing, over) = ("firing_series > 0".into(), "firing_series == 0".into());
    Ok(RuleCondition { metrics: vec![metric], firing, over, is_whole: true })
}

/// The conditions under which an expression has a series, and has none.
fn split(tree: &Expr, labels: &[String], metrics: &mut Vec<DraftMetric>) -> Option<(String, String)> {
    match tree {
        Expr::Paren(it) => split(&it.expr, labels, metrics),
        Expr::Binary(it)
            if it.op.to_string() == "or" && it.modifier.as_ref().is_none_or(|it| it.matching.is_none()) =>
        {
            let (left, left_over) = split(&it.lhs, labels, metrics)?;
            let (right, right_over) = split(&it.rhs, labels, metrics)?;
            Some((format!("{left} or {right}"), format!("{left_over} and {right_over}")))
        }
        Expr::Binary(it) if it.op.is_comparison_operator() => comparison(it, labels, metrics),
        _ => None,
    }
}

/// `QUERY > NUMBER`, either way round.
fn comparison(
    it: &BinaryExpr,
    labels: &[String],
    metrics: &mut Vec<DraftMetric>,
) -> Option<(String, String)> {
    if it.modifier.as_ref().is_some_and(|it| it.return_bool) {
        return None;
    }
    let op = it.op.to_string();
    let (query, op, number) = match (constant(&it.lhs), constant(&it.rhs)) {
        (None, Some(number)) => (&it.lhs, op.as_str(), number),
        (Some(number), None) => (&it.rhs, turned(&op)?, number),
        _ => return None,
    };
    if filters(query) {
        return None;
    }
    let text = printed(query)?;
    let measure = analyse(&[PromqlPart::Text(&text)]).ok().and_then(|it| it.measure).map(|it| it.0);
    let unit = measure.as_ref().and_then(unit_of);
    let named = measure.map(|it| it.name).or_else(|| first_name(query)).unwrap_or_default();
    let base = identifier(&named).unwrap_or_else(|| "reading".into());
    let name = unique(&base, |it| metrics.iter().any(|metric: &DraftMetric| metric.name == it));
    let known = kept_labels(query).filter(|it| it.iter().all(|it| is_plain(it)));
    let (query, by, op, literal, unit) = if let Some(by) = known {
        (text, by, op, quantity(number, unit)?, unit)
    } else {
        // The series with the largest value is above the limit if any is.
        let by: Vec<String> = labels.iter().filter(|it| is_plain(it)).cloned().collect();
        let over = if by.is_empty() { String::new() } else { format!(" by ({})", by.join(", ")) };
        match op {
            ">" | ">=" => (format!("max{over}({text})"), by, op, quantity(number, unit)?, unit),
            "<" | "<=" => (format!("min{over}({text})"), by, op, quantity(number, unit)?, unit),
            _ => (format!("max{over}(({text}) {op} bool {number})"), by, "==", "1".into(), None),
        }
    };
    let (any, every) = if by.is_empty() { ("", "") } else { ("any ", "every ") };
    let conditions =
        (format!("{any}{name} {op} {literal}"), format!("{every}{name} {} {literal}", negated(op)?));
    metrics.push(DraftMetric { name, by, unit, query, open: Vec::new() });
    Some(conditions)
}

/// An expression as text, if that means the same.
fn printed(expr: &Expr) -> Option<String> {
    let expr = if let Expr::Paren(it) = expr { &*it.expr } else { expr };
    let text = expr.to_string();
    let again = rbl_check::promql::tree(&text).ok()?;
    (again.to_string() == text).then_some(text)
}

/// Whether an expression leaves series out by their values, so that *no series* would be *no* instead of *unknown*.
fn filters(expr: &Expr) -> bool {
    match expr {
        Expr::Binary(it) => {
            let op = it.op.to_string();
            let leaves_out =
                it.op.is_comparison_operator() && !it.modifier.as_ref().is_some_and(|it| it.return_bool);
            leaves_out
                || ["and", "unless", "or"].contains(&op.as_str())
                || filters(&it.lhs)
                || filters(&it.rhs)
        }
        Expr::Aggregate(it) => filters(&it.expr),
        Expr::Unary(it) => filters(&it.expr),
        Expr::Paren(it) => filters(&it.expr),
        Expr::Subquery(it) => filters(&it.expr),
        Expr::Call(it) => it.func.name.starts_with("absent") || it.args.args.iter().any(|it| filters(it)),
        Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::VectorSelector(_)
        | Expr::MatrixSelector(_) => false,
        Expr::Extension(_) => true,
    }
}

fn first_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Aggregate(it) => first_name(&it.expr),
        Expr::Paren(it) => first_name(&it.expr),
        Expr::Unary(it) => first_name(&it.expr),
        Expr::Subquery(it) => first_name(&it.expr),
        Expr::Binary(it) => first_name(&it.lhs).or_else(|| first_name(&it.rhs)),
        Expr::Call(it) => it.args.args.iter().find_map(|it| first_name(it)),
        Expr::VectorSelector(it) => it.name.clone(),
        Expr::MatrixSelector(it) => it.vs.name.clone(),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => None,
    }
}

/// Whether a label can be written in `by`.
fn is_plain(label: &str) -> bool {
    identifier(label).as_deref() == Some(label)
}

fn turned(op: &str) -> Option<&'static str> {
    Some(match op {
        ">" => "<",
        ">=" => "<=",
        "<" => ">",
        "<=" => ">=",
        "==" => "==",
        "!=" => "!=",
        _ => return None,
    })
}

fn negated(op: &str) -> Option<&'static str> {
    Some(match op {
        ">" => "<=",
        ">=" => "<",
        "<" => ">=",
        "<=" => ">",
        "==" => "!=",
        "!=" => "==",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(expression: &str) -> (String, String, String) {
        let it = condition(expression, &["instance".to_owned()]).unwrap();
        (it.metrics.iter().map(|it| it.query.as_str()).collect::<Vec<_>>().join(" | "), it.firing, it.over)
    }

    #[test]
    fn a_comparison_with_a_number_is_split() {
        let of = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(
            split("x_seconds > 0.5"),
            of("max by (instance)(x_seconds)", "any x_seconds > 500ms", "every x_seconds <= 500ms")
        );
        assert_eq!(
            split("1024 * 1024 > sum by (pod) (y_bytes)"),
            of("sum by (pod) (y_bytes)", "any y_bytes < 1048576B", "every y_bytes >= 1048576B")
        );
        assert_eq!(split("sum(z) >= 3"), of("sum(z)", "z >= 3", "z < 3"));
        assert_eq!(split("up == 0"), of("max by (instance)((up) == bool 0)", "any up == 1", "every up != 1"));
        assert_eq!(split("sum(a) > 1 or sum(b) > 2").1, "a > 1 or b > 2");
    }

    #[test]
    fn what_would_change_its_truth_stays_whole() {
        for whole in ["a > 1 and b", "absent(up)", "a > b", "0 <= x < 3", "x > bool 1", "count(up == 0) > 1"]
        {
            let it = condition(whole, &[]).unwrap();
            assert!(it.is_whole && it.firing == "firing_series > 0", "{whole}: {it:?}");
        }
    }
}
