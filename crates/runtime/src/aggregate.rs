//! Aggregate functions over windows, series and lists: `min max avg sum count first last rate delta quantile`.

use std::cmp::Ordering;

use super::compare::needed_quantity;
use super::expression::unknown;
use rbl_syntax::value::{Point, Quantity, Reason, ReasonKind, Series, Value};

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

/// `count(list)`: the number of elements, 0 for an empty list; unknown elements are counted too.
pub(super) fn count(args: &[Value]) -> Value {
    let number = |count: usize| Value::Quantity(Quantity::number(count as f64));
    match args {
        [Value::Unknown(_)] => args.first().cloned().unwrap_or_else(|| number(0)),
        [Value::Window(series)] => number(
            series.iter().flat_map(|series| &series.points).filter(|point| point.value.is_some()).count(),
        ),
        [one] => match super::condition::elements(one) {
            Ok(elements) => number(elements.len()),
            Err(reason) => Value::unknown(reason),
        },
        several => number(several.len()),
    }
}

/// `first(window)`, `first(list)`.
pub(super) fn first(args: &[Value]) -> Value {
    end(args, |elements| elements.into_iter().next(), |points| points.first().copied())
}

/// `last(window)`, `last(list)`.
pub(super) fn last(args: &[Value]) -> Value {
    end(args, |elements| elements.into_iter().next_back(), |points| points.last().copied())
}

/// `delta(window)`: the last value minus the first.
pub(super) fn delta(args: &[Value]) -> Value {
    with_points(args, |points| match (points.first(), points.last()) {
        (Some((_, first)), Some((_, last))) if points.len() > 1 => last.subtract(*first).into(),
        _ => too_few(),
    })
}

/// `rate(window)`: the increase per second. A counter that falls was reset; its value since then counts as increase.
pub(super) fn rate(args: &[Value]) -> Value {
    with_points(args, |points| {
        let (Some((from, first)), Some((to, _))) = (points.first(), points.last()) else { return too_few() };
        let seconds = to.since(*from);
        if points.len() < 2 || seconds.base <= 0.0 {
            return too_few();
        }
        let increase: f64 = points
            .windows(2)
            .filter_map(|pair| match pair {
                [(_, a), (_, b)] => Some(if b.base < a.base { b.base } else { b.base - a.base }),
                _ => None,
            })
            .sum();
        Quantity { base: increase, unit: None, ..*first }.divide(seconds).into()
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

/// The numbers to aggregate: at least one. A sample without a value is skipped in a window, and makes a list or several
/// series unknown.
fn quantities(args: &[Value]) -> Result<Vec<Quantity>, Reason> {
    let list;
    let elements = match args {
        [Value::Window(series)] => {
            let all: Vec<Quantity> =
                series.iter().flat_map(|series| &series.points).filter_map(|point| point.value).collect();
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

fn end(
    args: &[Value],
    of_list: impl Fn(Vec<Value>) -> Option<Value>,
    of_points: impl Fn(&[Point]) -> Option<Point>,
) -> Value {
    match args {
        [Value::Window(series)] => match one_series(series) {
            Ok(series) => {
                let known: Vec<Point> =
                    series.points.iter().filter(|point| point.value.is_some()).copied().collect();
                of_points(&known)
                    .and_then(|point| point.value)
                    .map_or_else(|| Value::unknown(Reason::no_data()), Value::Quantity)
            }
            Err(reason) => Value::unknown(reason),
        },
        [one] => match super::condition::elements(one) {
            Ok(elements) => of_list(elements).unwrap_or_else(empty),
            Err(reason) => Value::unknown(reason),
        },
        several => of_list(several.to_vec()).unwrap_or_else(empty),
    }
}

fn with_points(args: &[Value], of: impl Fn(&[(rbl_syntax::value::Time, Quantity)]) -> Value) -> Value {
    match args {
        [Value::Window(series)] => match one_series(series) {
            Ok(series) => {
                let known: Vec<(rbl_syntax::value::Time, Quantity)> =
                    series.points.iter().filter_map(|point| Some((point.at, point.value?))).collect();
                of(&known)
            }
            Err(reason) => Value::unknown(reason),
        },
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
    use rbl_syntax::value::{Labels, Time};

    fn window(values: &[f64]) -> Value {
        let points = values.iter().zip(0..).map(|(value, minute)| Point {
            at: Time::from_unix(f64::from(minute) * 60.0).unwrap(),
            value: Quantity::of(*value, rbl_syntax::value::Unit::ONE).ok(),
        });
        Value::Window([Series { labels: Labels::new(), points: points.collect(), step: 60.0 }].into())
    }

    fn shown(value: &Value) -> String {
        value.to_string()
    }

    #[test]
    fn over_a_window() {
        let window = [window(&[1.0, 5.0, f64::NAN, 3.0])];
        assert_eq!(shown(&min(&window)), "1");
        assert_eq!(shown(&max(&window)), "5");
        assert_eq!(shown(&avg(&window)), "3");
        assert_eq!(shown(&sum(&window)), "9");
        assert_eq!(shown(&count(&window)), "3");
        assert_eq!(shown(&first(&window)), "1");
        assert_eq!(shown(&last(&window)), "3");
        assert_eq!(shown(&delta(&window)), "2");
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
