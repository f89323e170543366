//! Aggregate functions over windows, series and lists: `min max avg sum count first last rate delta quantile`.

use std::cmp::Ordering;

use super::compare::needed_quantity;
use super::expression::unknown;
use super::metric_history::{WindowPart, point_value, uncovered};
use rbl_syntax::value::{Quantity, Reason, ReasonKind, Series, Time, Value};

/// `min(window)`, `min(a, b)`.
pub(super) fn min(args: &[Value]) -> Value {
    folded(args, |a, b| Ok(if b.compare(a)? == Ordering::Less { b } else { a }))
}

/// `max(window)`, `max(a, b)`.
pub(super) fn max(args: &[Value]) -> Value {
    folded(args, |a, b| Ok(if b.compare(a)? == Ordering::Greater { b } else { a }))
}

/// `sum(list)`.
pub(super) fn sum(args: &[Value]) -> Value {
    folded(args, Quantity::add)
}

/// `avg(window)`.
pub(super) fn avg(args: &[Value]) -> Value {
    let count = match quantities(args) {
        Ok(quantities) => quantities.len(),
        Err(reason) => return Value::unknown(reason),
    };
    match sum(args) {
        Value::Quantity(total) => total.divide(Quantity::number(count as f64)).into(),
        other => other,
    }
}

/// `count(list)`: the number of elements, 0 for an empty list; `count(window)`: the number of samples. Unknown elements, and
/// samples that are no number, are counted too.
pub(super) fn count(args: &[Value]) -> Value {
    let number = |count: usize| Value::Quantity(Quantity::number(count as f64));
    match args {
        [Value::Unknown(_)] => args.first().cloned().unwrap_or_else(|| number(0)),
        [Value::Window(series)] => number(series.iter().map(|series| series.points.len()).sum()),
        [one] => match super::condition::elements(one) {
            Ok(elements) => number(elements.len()),
            Err(reason) => Value::unknown(reason),
        },
        several => number(several.len()),
    }
}

/// `first(window)`, `first(list)`.
pub(super) fn first(args: &[Value]) -> Value {
    end(args, WindowPart::Start, |elements| elements.into_iter().next())
}

/// `last(window)`, `last(list)`.
pub(super) fn last(args: &[Value]) -> Value {
    end(args, WindowPart::End, |elements| elements.into_iter().next_back())
}

/// `delta(window)`: the last value minus the first. What lies between them does not matter.
pub(super) fn delta(args: &[Value]) -> Value {
    of_window(args, |series| {
        if series.points.len() < 2 {
            return Ok(too_few());
        }
        Ok(at_end(series, WindowPart::End)?.subtract(at_end(series, WindowPart::Start)?).into())
    })
}

/// `rate(window)`: the increase per second. A counter that falls was reset; its value since then counts as increase.
pub(super) fn rate(args: &[Value]) -> Value {
    of_window(args, |series| {
        let points = all_points(series)?;
        let (Some((from, first)), Some((to, _))) = (points.first(), points.last()) else {
            return Ok(too_few());
        };
        let seconds = to.since(*from);
        if points.len() < 2 || seconds.base <= 0.0 {
            return Ok(too_few());
        }
        let increase: f64 = points
            .windows(2)
            .filter_map(|pair| match pair {
                [(_, a), (_, b)] => Some(if b.base < a.base { b.base } else { b.base - a.base }),
                _ => None,
            })
            .sum();
        Ok(Quantity { base: increase, unit: None, ..*first }.divide(seconds).into())
    })
}

/// `quantile(0.9, window)`: interpolates linearly between two values.
pub(super) fn quantile(args: &[Value]) -> Value {
    let (Some(at), Some(of)) = (args.first(), args.get(1..)) else { return too_few() };
    if let Value::Unknown(_) = at {
        return at.clone();
    }
    let Some(at) = at.quantity().map(|at| at.base).filter(|at| (0.0..=1.0).contains(at)) else {
        return unknown(ReasonKind::NoValue, format!("no quantile {at}: it lies between 0 and 1"));
    };
    let mut quantities = match quantities(of) {
        Ok(quantities) => quantities,
        Err(reason) => return Value::unknown(reason),
    };
    quantities.sort_by(|a, b| a.base.total_cmp(&b.base));
    let rank = at * (quantities.len() as f64 - 1.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a place in the list
    let (low, high) = (rank.floor() as usize, rank.ceil() as usize);
    match (quantities.get(low), quantities.get(high)) {
        (Some(a), Some(b)) => {
            let base = a.base + (b.base - a.base) * (rank - rank.floor());
            Value::Quantity(Quantity { base, ..*a })
        }
        _ => too_few(),
    }
}

fn folded(args: &[Value], step: impl Fn(Quantity, Quantity) -> Result<Quantity, Reason>) -> Value {
    match quantities(args) {
        Ok(quantities) => {
            let mut rest = quantities.into_iter();
            let Some(first) = rest.next() else { return empty() };
            rest.try_fold(first, step).into()
        }
        Err(reason) => Value::unknown(reason),
    }
}

/// The numbers to aggregate: at least one. One that is unknown makes all of it unknown, and so does a gap in a window: what
/// was not measured may have been the largest, or the smallest.
fn quantities(args: &[Value]) -> Result<Vec<Quantity>, Reason> {
    let list;
    let elements = match args {
        [Value::Window(series)] => {
            let mut all = Vec::new();
            for one in series.iter() {
                all.extend(all_points(one)?.into_iter().map(|(_, value)| value));
            }
            return if all.is_empty() { Err(Reason::no_data()) } else { Ok(all) };
        }
        [one] if one.quantity().is_none() && !one.is_too_large() => {
            list = super::condition::elements(one)?;
            list.as_slice()
        }
        several => several,
    };
    if elements.is_empty() {
        return Err(Reason::new(ReasonKind::Empty, "nothing to choose from"));
    }
    elements.iter().map(needed_quantity).collect()
}

/// Every sample of a series with its value, where they cover its window.
fn all_points(series: &Series) -> Result<Vec<(Time, Quantity)>, Reason> {
    if let Some(gap) = uncovered(series, WindowPart::Whole, None) {
        return Err(gap);
    }
    series.points.iter().map(|point| Ok((point.at, point_value(point)?))).collect()
}

/// The value at one end of a window.
fn at_end(series: &Series, part: WindowPart) -> Result<Quantity, Reason> {
    if let Some(gap) = uncovered(series, part, None) {
        return Err(gap);
    }
    let point = if part == WindowPart::End { series.points.last() } else { series.points.first() };
    point_value(point.ok_or_else(Reason::no_data)?)
}

fn end(args: &[Value], part: WindowPart, of_list: impl Fn(Vec<Value>) -> Option<Value>) -> Value {
    match args {
        [Value::Window(_)] => of_window(args, |series| at_end(series, part).map(Value::Quantity)),
        [one] => match super::condition::elements(one) {
            Ok(elements) => of_list(elements).unwrap_or_else(empty),
            Err(reason) => Value::unknown(reason),
        },
        several => of_list(several.to_vec()).unwrap_or_else(empty),
    }
}

/// What a function makes of the one series of a window.
fn of_window(args: &[Value], of: impl Fn(&Series) -> Result<Value, Reason>) -> Value {
    match args {
        [Value::Window(series)] => {
            let value = one_series(series).and_then(of);
            value.unwrap_or_else(Value::unknown)
        }
        [Value::Unknown(reason)] => Value::Unknown(reason.clone()),
        _ => unknown(ReasonKind::NoValue, "only a window (`metric over 30m`) has one"),
    }
}

fn one_series(series: &[Series]) -> Result<&Series, Reason> {
    match series {
        [one] => Ok(one),
        [] => Err(Reason::no_data()),
        several => {
            let labels: Vec<_> = several.iter().map(|series| &series.labels).collect();
            Err(super::metric::several(&labels))
        }
    }
}

fn empty() -> Value {
    unknown(ReasonKind::Empty, "nothing to choose from")
}

fn too_few() -> Value {
    unknown(ReasonKind::NoData, "fewer than two samples")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::value::{Labels, Point};

    /// A sample a minute; the window ends with the last of them, or `missing` minutes later.
    fn window_before(values: &[f64], missing: u32) -> Value {
        let minute = |minute: u32| Time::from_unix(f64::from(minute) * 60.0).unwrap();
        let points = values.iter().zip(0..).map(|(value, number)| Point {
            at: minute(number),
            value: Quantity::of(*value, rbl_syntax::value::Unit::ONE).ok(),
        });
        let end = u32::try_from(values.len()).unwrap() - 1 + missing;
        let (from, to) = (Some(minute(0)), Some(minute(end)));
        let series = Series { labels: Labels::new(), points: points.collect(), step: 60.0, from, to };
        Value::Window([series].into())
    }

    fn window(values: &[f64]) -> Value {
        window_before(values, 0)
    }

    fn shown(value: &Value) -> String {
        value.to_string()
    }

    /// Every function over a window, by its name, with what it gives.
    fn all_of(window: &Value) -> Vec<(&'static str, String)> {
        let window = std::slice::from_ref(window);
        let half = Value::Quantity(Quantity::number(0.5));
        let middle = quantile(&[vec![half], window.to_vec()].concat());
        let all: [(&str, Value); 10] = [
            ("min", min(window)),
            ("max", max(window)),
            ("avg", avg(window)),
            ("sum", sum(window)),
            ("quantile", middle),
            ("rate", rate(window)),
            ("delta", delta(window)),
            ("first", first(window)),
            ("last", last(window)),
            ("count", count(window)),
        ];
        all.into_iter().map(|(name, value)| (name, value.to_string())).collect()
    }

    /// The functions that are known over a window.
    fn known(window: &Value) -> String {
        let known = all_of(window).into_iter().filter(|(_, value)| value.parse::<f64>().is_ok());
        known.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn over_a_window() {
        let window = window(&[1.0, 5.0, 3.0]);
        assert_eq!(
            known(&window),
            "min 1, max 5, avg 3, sum 9, quantile 3, delta 2, first 1, last 3, count 3"
        );
        assert_eq!(shown(&rate(&[window])), "3.5/m");
    }

    #[test]
    fn what_is_no_number_is_not_skipped() {
        assert_eq!(known(&window(&[1.0, 5.0, f64::NAN, 3.0])), "delta 2, first 1, last 3, count 4");
        assert_eq!(known(&window(&[1.0, f64::INFINITY])), "first 1, count 2");
        assert_eq!(known(&window(&[f64::NAN, 1.0])), "last 1, count 2");
        assert_eq!(known(&window(&[f64::NAN, f64::NAN])), "count 2");
        let why = shown(&max(&[window(&[1.0, f64::NAN])]));
        assert_eq!(why, "no number (NaN or an infinity) at 1970-01-01T00:01:00Z");
    }

    #[test]
    fn a_gap_is_unknown_where_it_matters() {
        let old = window_before(&[1.0, 5.0, 3.0], 2);
        assert_eq!(known(&old), "first 1, count 3");
        assert_eq!(shown(&max(std::slice::from_ref(&old))), "a gap of 2m, from 1970-01-01T00:02:00Z");
        assert_eq!(shown(&last(&[old])), "a gap of 2m, from 1970-01-01T00:02:00Z");
    }

    #[test]
    fn a_counter_that_begins_anew_still_rises() {
        assert_eq!(shown(&rate(&[window(&[0.0, 60.0, 30.0, 90.0])])), "0.833/s".replace("0.833/s", "50/m"));
    }

    #[test]
    fn one_unknown_makes_all_unknown() {
        let one = Value::Quantity(Quantity::number(1.0));
        let gone = Value::unknown(Reason::no_data());
        assert_eq!(max(&[one.clone(), gone.clone()]), gone);
        assert_eq!(max(&[Value::List([one, gone.clone()].into())]), gone);
        assert!(matches!(max(&[Value::List([].into())]), Value::Unknown(_)));
        assert_eq!(shown(&count(&[Value::List([].into())])), "0");
    }

    #[test]
    fn a_quantile_lies_between_its_neighbours() {
        let half = Value::Quantity(Quantity::number(0.5));
        assert_eq!(shown(&quantile(&[half, window(&[1.0, 2.0, 3.0, 4.0])])), "2.5");
    }
}
