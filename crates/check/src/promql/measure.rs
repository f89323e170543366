//! Infers what a query measures, as far as the names of its metrics and functions make it certain: seconds, bytes, a
//! proportion.
//!
//! *Invariant:* silence beats a wild guess. What no name or function determines is `None`, and so is everything
//! computed from it.

use promql_parser::parser::{BinaryExpr, Call, Expr};

/// What the numbers of a query measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// The power of time.
    pub time: i8,
    /// The power of data.
    pub data: i8,
    /// The number of base units (seconds, bytes, a whole) in 1.
    pub factor: f64,
    /// What it is if neither time nor data is left.
    pub pure: Pure,
    /// Whether it is a difference over a range: it may be read as "in this time".
    pub difference: bool,
    /// The name that shows it.
    pub name: String,
}

/// The meaning of a number without time and data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pure {
    /// A number of things, for certain.
    Count,
    /// The value of a counter whose name does not say what it counts.
    Counter,
    /// A proportion of a whole.
    Share,
}

/// Name suffixes that state what is measured: power of time, power of data, factor to base units.
const ENDS: &[(&str, i8, i8, f64)] = &[
    ("_seconds", 1, 0, 1.0),
    ("_milliseconds", 1, 0, 1e-3),
    ("_millis", 1, 0, 1e-3),
    ("_ms", 1, 0, 1e-3),
    ("_microseconds", 1, 0, 1e-6),
    ("_nanoseconds", 1, 0, 1e-9),
    ("_minutes", 1, 0, 60.0),
    ("_hours", 1, 0, 3_600.0),
    ("_days", 1, 0, 86_400.0),
    ("_bytes", 0, 1, 1.0),
    ("_ratio", 0, 0, 1.0),
    ("_percent", 0, 0, 0.01),
    ("_percentage", 0, 0, 0.01),
];

/// Returns the unit word at the end of a metric's name: `seconds` of `latency_seconds`. `None` for a recording rule:
/// its name says how it was computed, which is too much to guess from.
pub fn unit_in_name(name: &str) -> Option<&'static str> {
    let (end, ..) = ENDS.iter().find(|(end, ..)| name.ends_with(end)).filter(|_| !name.contains(':'))?;
    end.strip_prefix('_')
}

/// Returns what a query measures, if that is certain.
pub(super) fn measure(expr: &Expr) -> Option<Measure> {
    match expr {
        Expr::Paren(it) => measure(&it.expr),
        Expr::Unary(it) => measure(&it.expr),
        Expr::Subquery(it) => measure(&it.expr),
        Expr::VectorSelector(it) => by_name(it.name.as_deref()?),
        Expr::MatrixSelector(it) => by_name(it.vs.name.as_deref()?),
        Expr::Aggregate(it) => match it.op.to_string().as_str() {
            "sum" | "avg" | "min" | "max" | "topk" | "bottomk" | "quantile" | "stddev" | "limitk" => {
                measure(&it.expr)
            }
            "count" | "count_values" | "group" => Some(count(it.op.to_string())),
            _ => None,
        },
        Expr::Call(it) => called(it),
        Expr::Binary(it) => computed(it),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => None,
    }
}

/// Creates the measure of a count.
fn count(name: String) -> Measure {
    Measure { time: 0, data: 0, factor: 1.0, pure: Pure::Count, difference: false, name }
}

/// Infers the measure from the end of a metric's name. The name of a recording rule says how it was computed: too much
/// to guess from.
fn by_name(name: &str) -> Option<Measure> {
    if name.contains(':') {
        return None;
    }
    let (base, is_counter) = name.strip_suffix("_total").map_or((name, false), |base| (base, true));
    if let Some(observed) = name.strip_suffix("_count").or_else(|| name.strip_suffix("_bucket")) {
        return end_of(observed).map(|_| count(name.to_owned()));
    }
    let base = name.strip_suffix("_sum").unwrap_or(base);
    let of = |time, data, factor, pure| Measure {
        time,
        data,
        factor,
        pure,
        difference: false,
        name: name.to_owned(),
    };
    match end_of(base) {
        Some((time, data, factor)) => Some(of(time, data, factor, Pure::Share)),
        None => is_counter.then(|| of(0, 0, 1.0, Pure::Counter)),
    }
}

fn end_of(name: &str) -> Option<(i8, i8, f64)> {
    let (_, time, data, factor) = ENDS.iter().find(|(end, ..)| name.ends_with(end))?;
    Some((*time, *data, *factor))
}

fn called(it: &Call) -> Option<Measure> {
    let argument = |index: usize| it.args.args.get(index).and_then(|arg| measure(arg));
    match it.func.name {
        "rate" | "irate" | "deriv" => {
            let inner = argument(0)?;
            let pure = if inner.time == 1 && inner.data == 0 { Pure::Share } else { inner.pure };
            Some(Measure { time: inner.time - 1, pure, ..inner })
        }
        "increase" | "delta" | "idelta" => Some(Measure { difference: true, ..argument(0)? }),
        "abs"
        | "ceil"
        | "floor"
        | "round"
        | "clamp"
        | "clamp_min"
        | "clamp_max"
        | "sort"
        | "sort_desc"
        | "label_replace"
        | "label_join"
        | "scalar"
        | "avg_over_time"
        | "min_over_time"
        | "max_over_time"
        | "sum_over_time"
        | "last_over_time"
        | "first_over_time"
        | "stddev_over_time"
        | "predict_linear"
        | "holt_winters"
        | "double_exponential_smoothing" => argument(0),
        "quantile_over_time" => argument(1),
        "histogram_quantile" => bucket(it.args.args.get(1)?),
        "time" => Some(Measure { time: 1, ..count("time()".into()) }),
        "timestamp" => Some(Measure { time: 1, ..count("timestamp()".into()) }),
        name @ ("absent" | "absent_over_time" | "count_over_time" | "present_over_time" | "changes"
        | "resets") => Some(count(name.to_owned())),
        _ => None,
    }
}

/// Returns what the buckets of a histogram measure: `histogram_quantile` returns it, whatever is applied to the buckets
/// before.
fn bucket(expr: &Expr) -> Option<Measure> {
    match expr {
        Expr::Paren(it) => bucket(&it.expr),
        Expr::Subquery(it) => bucket(&it.expr),
        Expr::Aggregate(it) => bucket(&it.expr),
        Expr::Call(it) => bucket(it.args.args.first()?),
        Expr::VectorSelector(it) => of_buckets(it.name.as_deref()?),
        Expr::MatrixSelector(it) => of_buckets(it.vs.name.as_deref()?),
        Expr::Unary(_)
        | Expr::Binary(_)
        | Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::Extension(_) => None,
    }
}

fn of_buckets(name: &str) -> Option<Measure> {
    by_name(name.strip_suffix("_bucket").unwrap_or(name)).filter(|it| it.pure != Pure::Counter)
}

fn computed(it: &BinaryExpr) -> Option<Measure> {
    let op = it.op.to_string();
    if it.op.is_comparison_operator() {
        return if it.return_bool() { Some(count("bool".into())) } else { measure(&it.lhs) };
    }
    let (left, right) = (number(&it.lhs), number(&it.rhs));
    match (op.as_str(), left, right) {
        ("and" | "unless", ..) | ("+" | "-", None, Some(_)) => measure(&it.lhs),
        ("or", ..) if is_fallback(&it.rhs) => measure(&it.lhs),
        ("+" | "-", Some(_), None) => measure(&it.rhs),
        ("+" | "-" | "or", None, None) => same(measure(&it.lhs)?, &measure(&it.rhs)?),
        ("*", None, Some(by)) => scaled(measure(&it.lhs)?, 1.0 / by),
        ("*", Some(by), None) => scaled(measure(&it.rhs)?, 1.0 / by),
        ("/", None, Some(by)) => scaled(measure(&it.lhs)?, by),
        ("/", None, None) => quotient(measure(&it.lhs)?, &measure(&it.rhs)?),
        _ => None,
    }
}

fn scaled(measure: Measure, by: f64) -> Option<Measure> {
    let factor = measure.factor * by;
    (factor.is_finite() && factor > 0.0).then_some(Measure { factor, ..measure })
}

/// Returns the common measure; `None` if they differ.
fn same(left: Measure, right: &Measure) -> Option<Measure> {
    (alike(&left, right) && close(left.factor, right.factor)).then_some(left)
}

fn quotient(left: Measure, right: &Measure) -> Option<Measure> {
    let (time, data) = (left.time.checked_sub(right.time)?, left.data.checked_sub(right.data)?);
    // The relation of two counts is unknown.
    let one_kind = alike(&left, right);
    let certain = left.pure != Pure::Counter && right.pure != Pure::Counter;
    let pure = if one_kind { Pure::Share } else { Pure::Count };
    let factor = left.factor / right.factor;
    (one_kind || certain).then_some(Measure { time, data, factor, pure, difference: false, name: left.name })
}

/// Whether both have the same dimension, in any unit.
fn alike(left: &Measure, right: &Measure) -> bool {
    let pure = left.time == 0 && left.data == 0;
    left.time == right.time && left.data == right.data && (!pure || left.pure == right.pure)
}

/// Whether two factors are equal except for rounding.
pub(super) fn close(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-3 * left.abs().max(right.abs())
}

/// Returns a number literal, or the result of arithmetic on literals.
fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::NumberLiteral(it) => Some(it.val),
        Expr::Paren(it) => number(&it.expr),
        Expr::Unary(it) => number(&it.expr).map(|value| -value),
        Expr::Binary(it) => {
            let (left, right) = (number(&it.lhs)?, number(&it.rhs)?);
            match it.op.to_string().as_str() {
                "*" => Some(left * right),
                "/" => Some(left / right),
                "+" => Some(left + right),
                "-" => Some(left - right),
                "^" => Some(left.powf(right)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether this is `vector(0)` after `or`: a default for missing data.
fn is_fallback(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(it) => is_fallback(&it.expr),
        Expr::Call(it) => it.func.name == "vector",
        _ => number(expr).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn of(query: &str) -> Option<(i8, i8, f64)> {
        measure(&promql_parser::parser::parse(query).unwrap()).map(|it| (it.time, it.data, it.factor))
    }

    #[test]
    fn the_outermost_function_decides() {
        assert_eq!(of("x_seconds"), Some((1, 0, 1.0)));
        assert_eq!(of("rate(x_seconds_total[5m])"), Some((0, 0, 1.0)));
        assert_eq!(of("increase(x_seconds_total[5m])"), Some((1, 0, 1.0)));
        assert_eq!(of("rate(x_bytes_total[5m])"), Some((-1, 1, 1.0)));
        assert_eq!(
            of("histogram_quantile(0.9, sum by (le) (rate(x_seconds_bucket[5m])))"),
            Some((1, 0, 1.0))
        );
        assert_eq!(of("count(x_seconds > 5)"), Some((0, 0, 1.0)));
        assert_eq!(of("max by (a) (x_milliseconds)"), Some((1, 0, 1e-3)));
        assert_eq!(of("rate(x_seconds_sum[5m]) / rate(x_seconds_count[5m])"), Some((1, 0, 1.0)));
        assert_eq!(of("time() - max(deploy_timestamp_seconds)"), Some((1, 0, 1.0)));
        assert_eq!(of("1000 * x_seconds"), Some((1, 0, 1e-3)));
        assert_eq!(of("x_bytes / 1024 / 1024"), Some((0, 1, 1_048_576.0)));
        assert_eq!(of("100 * (1 - a_bytes / b_bytes)"), Some((0, 0, 0.01)));
        assert_eq!(of("sum(x_bytes) or vector(0)"), Some((0, 1, 1.0)));
        assert_eq!(of("sum(rate(a_total[5m])) / sum(rate(b_total[5m]))"), Some((0, 0, 1.0)));
    }

    #[test]
    fn what_no_name_tells_is_not_guessed() {
        for query in [
            "job:latency:p99",
            "instance:x_seconds:rate5m",
            "up",
            "sqrt(x_seconds)",
            "x_seconds * y",
            "x_seconds + y",
            "x_seconds or y_bytes",
            "a / b",
            "x_seconds % 60",
            "stdvar(x_seconds)",
            "pushed_items",
            "rate(x_total[5m]) / y_bytes",
        ] {
            assert_eq!(of(query), None, "{query}");
        }
    }
}
