//! Analyses a query that parses: what it measures, and which parts of it are likely to surprise.

use promql_parser::parser::Expr;

use super::interpolate::{self, PlacedQuery, QueryFault};
use super::locate;
use super::measure::{self, Measure};
use super::query_class::is_comparison;
use super::token::{PromqlToken, PromqlTokenKind, tokens};
use super::{PromqlError, PromqlPart};

/// A byte range of one part of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryRange {
    /// The index of the part.
    pub part: usize,
    /// The byte in that part's text; 0 for a value.
    pub byte: usize,
    /// The number of bytes.
    pub len: usize,
}

/// The result of an analysis.
#[derive(Debug, Clone, Default)]
pub struct QueryAnalysis {
    /// What its numbers measure, if that is certain, and the place of the name that shows it.
    pub measure: Option<(Measure, Option<QueryRange>)>,
    /// The comparison at its top, from its operator to the end of the right operand, and that text.
    pub filter: Option<(QueryRange, String)>,
    /// Ranges that are too short: the function, the range as written, and its place.
    pub short: Vec<(String, String, QueryRange)>,
    /// The kind of its numbers.
    pub counts: NumberKind,
}

/// The kind of numbers that a query returns; used to check comparisons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NumberKind {
    /// The counter whose value the query returns unchanged, if it does.
    pub counter: Option<String>,
    /// Whether its number has decimals, so that it equals a given number only by chance.
    pub fractional: bool,
}

impl NumberKind {
    /// Returns the kind for a query; nothing is known about one that does not parse.
    pub fn of(parts: &[PromqlPart<'_>]) -> Self {
        let Ok(text) = interpolate::place(parts) else { return Self::default() };
        locate::parse(&text).map_or_else(|_| Self::default(), |expr| Self::of_tree(&expr))
    }

    fn of_tree(expr: &Expr) -> Self {
        Self { counter: counter(expr), fractional: fractional(expr) }
    }
}

/// Functions that need at least two samples.
const OF_TWO_SAMPLES: [&str; 7] = ["rate", "irate", "increase", "delta", "idelta", "deriv", "predict_linear"];

/// The shortest range that is not reported, in seconds. Prometheus scrapes every minute by default, and every 15s to
/// 30s in many configurations: a range under a minute holds two samples only by chance.
const SHORTEST: f64 = 60.0;

/// Analyses a query; placeholders stand for values that are not known yet.
pub fn analyse(parts: &[PromqlPart<'_>]) -> Result<QueryAnalysis, PromqlError> {
    let placed = interpolate::place_with_map(parts)?;
    let expr = locate::parse(&placed.text).map_err(|fault| placed.error_at(fault))?;
    let tokens = tokens(&placed.text);
    let measure = measure::measure(&expr).map(|measure| {
        let spot = spot_of_name(&placed, &tokens, &measure.name);
        (measure, spot)
    });
    let filter = if is_comparison(&expr) { filter(&placed, &tokens) } else { None };
    let short = short(parts, &placed, &tokens);
    Ok(QueryAnalysis { measure, filter, short, counts: NumberKind::of_tree(&expr) })
}

fn spot(placed: &PlacedQuery, start: usize, end: usize) -> QueryRange {
    let at = placed.error_at(QueryFault { start, end, message: String::new(), help: None });
    QueryRange { part: at.part, byte: at.byte, len: at.len }
}

fn token_text<'a>(placed: &'a PlacedQuery, token: &PromqlToken) -> &'a str {
    placed.text.get(token.start..token.end).unwrap_or_default()
}

fn spot_of_name(placed: &PlacedQuery, tokens: &[PromqlToken], name: &str) -> Option<QueryRange> {
    let found = tokens
        .iter()
        .find(|token| token.kind == PromqlTokenKind::Word && token_text(placed, token) == name)?;
    Some(spot(placed, found.start, found.end))
}

/// Finds the outermost comparison operator, and its right operand up to the end of its brackets.
fn filter(placed: &PlacedQuery, tokens: &[PromqlToken]) -> Option<(QueryRange, String)> {
    let mut depth = 0_usize;
    let mut found: Option<(usize, usize)> = None;
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            PromqlTokenKind::Open(_) => depth += 1,
            PromqlTokenKind::Close(_) => depth = depth.saturating_sub(1),
            PromqlTokenKind::Sign
                if matches!(token_text(placed, token), ">" | "<" | ">=" | "<=" | "==" | "!=") =>
            {
                if found.is_none_or(|(least, _)| depth < least) {
                    found = Some((depth, index));
                }
            }
            PromqlTokenKind::Sign
            | PromqlTokenKind::Word
            | PromqlTokenKind::Text
            | PromqlTokenKind::OpenText => {}
        }
    }
    let (_, index) = found?;
    let sign = tokens.get(index)?;
    let mut end = sign.end;
    let mut depth = 0_usize;
    for token in tokens.get(index + 1..)? {
        match token.kind {
            PromqlTokenKind::Open(_) => depth += 1,
            PromqlTokenKind::Close(_) if depth == 0 => break,
            PromqlTokenKind::Close(_) => depth -= 1,
            PromqlTokenKind::Word
                if depth == 0 && matches!(token_text(placed, token), "and" | "or" | "unless") =>
            {
                break;
            }
            _ => {}
        }
        end = token.end;
    }
    Some((spot(placed, sign.start, end), placed.text.get(sign.start..end)?.to_owned()))
}

/// Finds every range in square brackets that is too short for its function of two samples. A range given by a value is
/// only known during the run.
fn short(
    parts: &[PromqlPart<'_>],
    placed: &PlacedQuery,
    tokens: &[PromqlToken],
) -> Vec<(String, String, QueryRange)> {
    let mut calls: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| tokens.get(before));
        match token.kind {
            PromqlTokenKind::Open('(') => {
                let word = before.filter(|it| it.kind == PromqlTokenKind::Word);
                calls.push(word.map_or("", |word| token_text(placed, word)));
            }
            PromqlTokenKind::Close(')') => {
                calls.pop();
            }
            PromqlTokenKind::Open('[') => {
                let Some([range, close]) = tokens.get(index + 1..index + 3) else { continue };
                let Some(function) = calls.last().filter(|call| OF_TWO_SAMPLES.contains(*call)) else {
                    continue;
                };
                let text = token_text(placed, range);
                let place = spot(placed, range.start, range.end);
                let of_author =
                    matches!(parts.get(place.part), Some(PromqlPart::Text(_))) && place.len == text.len();
                let is_short = seconds(text).is_some_and(|length| length < SHORTEST);
                if close.kind == PromqlTokenKind::Close(']') && of_author && is_short {
                    found.push(((*function).to_owned(), text.to_owned(), place));
                }
            }
            _ => {}
        }
    }
    found
}

/// Converts a PromQL duration to seconds.
fn seconds(text: &str) -> Option<f64> {
    let mut rest = text;
    let mut sum = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, behind) = rest.split_at_checked(digits)?;
        let end = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at_checked(end)?;
        let of_one = match unit {
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            "w" => 604_800.0,
            "y" => 31_536_000.0,
            _ => return None,
        };
        sum += number.parse::<f64>().ok()? * of_one;
        rest = behind;
    }
    Some(sum)
}

fn counter(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Paren(it) => counter(&it.expr),
        Expr::VectorSelector(it) => it
            .name
            .clone()
            .filter(|name| name.ends_with("_total") && !name.contains(':') && it.offset.is_none()),
        Expr::Aggregate(it) => match it.op.to_string().as_str() {
            "sum" | "min" | "max" | "avg" | "topk" | "bottomk" => counter(&it.expr),
            _ => None,
        },
        Expr::Call(it) => match it.func.name {
            "abs" | "round" | "ceil" | "floor" | "scalar" | "last_over_time" | "max_over_time"
            | "sum_over_time" | "avg_over_time" => match &**it.args.args.first()? {
                Expr::MatrixSelector(range) => range.vs.name.clone().filter(|name| name.ends_with("_total")),
                other => counter(other),
            },
            _ => None,
        },
        _ => None,
    }
}

fn fractional(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(it) => fractional(&it.expr),
        Expr::Call(it) => matches!(
            it.func.name,
            "rate"
                | "irate"
                | "deriv"
                | "avg_over_time"
                | "quantile_over_time"
                | "histogram_quantile"
                | "stddev_over_time"
        ),
        Expr::Aggregate(it) => match it.op.to_string().as_str() {
            "avg" | "quantile" | "stddev" => true,
            "sum" | "max" | "min" => fractional(&it.expr),
            _ => false,
        },
        Expr::Binary(it) => it.op.to_string() == "/" || (it.op.to_string() == "*" && fractional(&it.lhs)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::{InsertedKind, InsertedValue};

    fn found(query: &str) -> QueryAnalysis {
        analyse(&[PromqlPart::Text(query)]).unwrap()
    }

    #[test]
    fn a_comparison_at_the_top_is_placed() {
        let at = |query: &str| {
            found(query).filter.map(|(spot, text)| {
                assert_eq!(query.get(spot.byte..spot.byte + spot.len), Some(text.as_str()));
                text
            })
        };
        assert_eq!(at("sum(a > 1) > 5").as_deref(), Some("> 5"));
        assert_eq!(at("(a{b=\"c\"} == 0)").as_deref(), Some("== 0"));
        assert_eq!(at("a > 1 and b < 2").as_deref(), Some("> 1"));
        assert_eq!(at("sum(a > 1)"), None);
        assert_eq!(at("a > bool 1"), None);
    }

    #[test]
    fn ranges_are_too_short_only_where_two_samples_are_needed() {
        let short =
            |query: &str| found(query).short.into_iter().map(|(_, range, _)| range).collect::<Vec<_>>();
        assert_eq!(short("sum(rate(a[15s])) / sum(rate(b[30s]))"), ["15s", "30s"]);
        for query in
            ["rate(a[1m])", "max_over_time(a[15s])", "rate(a[5m:15s])", "rate(a[1m30s])", "increase(a[1h])"]
        {
            assert!(short(query).is_empty(), "{query}");
        }
        let value = PromqlPart::Value(InsertedValue::Later(InsertedKind::Duration));
        assert!(
            analyse(&[PromqlPart::Text("rate(a["), value, PromqlPart::Text("])")]).unwrap().short.is_empty()
        );
    }

    #[test]
    fn a_counter_is_bare_where_nothing_takes_its_rate() {
        let bare = |query: &str| NumberKind::of(&[PromqlPart::Text(query)]).counter.is_some();
        assert!(
            bare("a_total") && bare("sum by (b) (a_total{c=\"d\"})") && bare("max_over_time(a_total[5m])")
        );
        for query in [
            "rate(a_total[5m])",
            "sum(increase(a_total[5m]))",
            "a_total - a_total offset 5m",
            "a_total offset 5m",
            "count(a_total)",
            "a:b_total",
            "a",
        ] {
            assert!(!bare(query), "{query}");
        }
    }
}
