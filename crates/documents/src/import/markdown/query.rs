//! A query in a document becomes a metric.

use promql_parser::parser::{Expr, LabelModifier};
use rbl_check::promql::{Measure, PromqlPart, Pure, analyse};

use crate::draft::{DraftMetric, identifier};

/// The metric for a query, under a name that its own names suggest.
pub(crate) fn metric(query: &str) -> DraftMetric {
    let measure =
        analyse(&[PromqlPart::Text(query)]).ok().and_then(|it| it.measure).map(|(measure, _)| measure);
    let unit = measure.as_ref().and_then(unit_of);
    let tree = rbl_check::promql::tree(query).ok();
    let named = measure.map(|it| it.name).or_else(|| tree.as_ref().and_then(first_name));
    let named = named.unwrap_or_default();
    let named = ["_bucket", "_total", "_sum", "_count"]
        .iter()
        .fold(named.as_str(), |it, end| it.strip_suffix(end).unwrap_or(it));
    let mut open = Vec::new();
    if unit.is_none() {
        open.push("say in which unit it is, if it has one: `in s`, `in B`, `in %`".to_owned());
    }
    let by = tree.as_ref().and_then(kept_labels);
    if by.is_none() {
        open.push("say which labels its series have, if there are several: `by LABEL`".to_owned());
    }
    DraftMetric {
        name: identifier(named).unwrap_or_else(|| "reading".into()),
        by: by.unwrap_or_default(),
        unit,
        query: query.to_owned(),
        open,
    }
}

/// Units by their powers of time and data, and their factor.
const UNITS: &[(i8, i8, f64, &str)] = &[
    (1, 0, 1e-9, "ns"),
    (1, 0, 1e-6, "us"),
    (1, 0, 1e-3, "ms"),
    (1, 0, 1.0, "s"),
    (1, 0, 60.0, "m"),
    (1, 0, 3_600.0, "h"),
    (1, 0, 86_400.0, "d"),
    (0, 1, 1.0, "B"),
    (-1, 1, 1.0, "B/s"),
];

/// The unit that a query's own names make certain, as the language spells it.
pub(crate) fn unit_of(measure: &Measure) -> Option<&'static str> {
    let same = |factor: f64| (factor - measure.factor).abs() < factor * 1e-9;
    if measure.time == 0 && measure.data == 0 {
        return match measure.pure {
            Pure::Share if same(1.0) => Some("ratio"),
            Pure::Share if same(0.01) => Some("%"),
            Pure::Share | Pure::Count | Pure::Counter => None,
        };
    }
    UNITS
        .iter()
        .find(|(time, data, factor, _)| (*time, *data) == (measure.time, measure.data) && same(*factor))
        .map(|(.., unit)| *unit)
}

/// A unit that a metric of an importer can have.
pub(crate) fn known_unit(written: &str) -> Option<&'static str> {
    ["ratio", "%"].into_iter().chain(UNITS.iter().map(|(.., unit)| *unit)).find(|it| *it == written)
}

/// The labels of the series that a query returns, where an aggregation says it. `None`: they are not known.
pub(crate) fn kept_labels(expr: &Expr) -> Option<Vec<String>> {
    match expr {
        Expr::Aggregate(it) => {
            let named = it.op.to_string();
            match &it.modifier {
                // `topk` keeps the labels of what it is given.
                _ if ["topk", "bottomk", "limitk", "limit_ratio"].contains(&named.as_str()) => {
                    kept_labels(&it.expr)
                }
                Some(LabelModifier::Include(labels)) => {
                    let mut labels = labels.labels.clone();
                    labels.sort();
                    Some(labels)
                }
                Some(LabelModifier::Exclude(labels)) => {
                    let inner = kept_labels(&it.expr)?;
                    Some(inner.into_iter().filter(|it| !labels.labels.contains(it)).collect())
                }
                None => Some(Vec::new()),
            }
        }
        Expr::Paren(it) => kept_labels(&it.expr),
        Expr::Unary(it) => kept_labels(&it.expr),
        Expr::Subquery(it) => kept_labels(&it.expr),
        Expr::Binary(it) => match (&*it.lhs, &*it.rhs) {
            (Expr::NumberLiteral(_), other) | (other, Expr::NumberLiteral(_)) => kept_labels(other),
            (left, right) => {
                let (left, right) = (kept_labels(left)?, kept_labels(right)?);
                (left == right).then_some(left)
            }
        },
        Expr::Call(it) => {
            let last = it.args.args.last().map(|it| &**it);
            match it.func.name {
                "scalar" | "time" | "vector" => Some(Vec::new()),
                "histogram_quantile" => {
                    let inner = kept_labels(last?)?;
                    Some(inner.into_iter().filter(|it| it != "le").collect())
                }
                "label_replace" | "label_join" | "absent" | "absent_over_time" => None,
                _ => kept_labels(it.args.args.iter().find(|it| !matches!(***it, Expr::NumberLiteral(_)))?),
            }
        }
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Some(Vec::new()),
        Expr::VectorSelector(_) | Expr::MatrixSelector(_) | Expr::Extension(_) => None,
    }
}

/// The name of the first metric in a query.
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

/// Words of a comparison, and its operator.
const WORDS: &[(&str, &str)] = &[
    ("less than ", "<"),
    ("lower than ", "<"),
    ("smaller than ", "<"),
    ("below ", "<"),
    ("under ", "<"),
    ("more than ", ">"),
    ("greater than ", ">"),
    ("higher than ", ">"),
    ("above ", ">"),
    ("at least ", ">="),
    ("at most ", "<="),
];

/// A threshold in a sentence: `should be less than 10ms`. The operator under which all is well, and the value as a literal.
pub(crate) fn threshold(text: &str) -> Option<(&'static str, String)> {
    let lower = text.to_lowercase();
    let said =
        ["should be ", "must be ", "has to be "].iter().find_map(|it| lower.split_once(it)).map(|it| it.1)?;
    let (rest, op) = WORDS.iter().find_map(|(words, op)| said.strip_prefix(words).map(|rest| (rest, *op)))?;
    let number: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let number = number.trim_end_matches('.');
    let unit: String = rest
        .get(number.len()..)?
        .trim_start()
        .chars()
        .take_while(|c| c.is_alphabetic() || *c == '%')
        .collect();
    let unit = match unit.as_str() {
        "ms" | "milliseconds" => "ms",
        "s" | "seconds" => "s",
        "m" | "minutes" => "m",
        "h" | "hours" => "h",
        "%" | "percent" => "%",
        _ => return None,
    };
    (!number.is_empty()).then(|| (op, format!("{number}{unit}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_says_its_unit_and_its_labels() {
        let it = metric("histogram_quantile(0.99, sum by (instance, le) (rate(x_seconds_bucket[5m])))");
        assert_eq!(
            (it.name.as_str(), it.by.as_slice(), it.unit),
            ("x_seconds", &["instance".to_owned()][..], Some("s"))
        );
        assert!(it.open.is_empty(), "{:?}", it.open);
        let it = metric("up");
        assert_eq!((it.name.as_str(), it.unit, it.open.len()), ("up", None, 2));
        assert_eq!(metric("topk(25, sum by (ns) (x))").by, ["ns"]);
    }

    #[test]
    fn a_threshold_stands_in_a_sentence() {
        assert_eq!(threshold("p99 should be less than 10ms."), Some(("<", "10ms".into())));
        assert_eq!(threshold("it should be above 90 %"), Some((">", "90%".into())));
        assert_eq!(threshold("it is less than 10ms"), None);
    }
}
