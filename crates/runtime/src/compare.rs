//! Comparison of two values: yes, no, or unknown with a reason.

use std::cmp::Ordering;

use super::expression::in_words;
use super::partial::{as_data, gap};
use rbl_syntax::tree::BinaryOp;
use rbl_syntax::value::{ExactNumber, Quantity, Reason, ReasonKind, Value, Verdict};

/// `== != < <= > >= in`. Unknown where a side is unknown, or where the two cannot be compared, which happens only with
/// data from outside.
pub(super) fn compare(op: BinaryOp, left: &Value, right: &Value) -> Verdict {
    let (left, right) = (left.compared(), right.compared());
    let (left, right) = (&*left, &*right);
    if op == BinaryOp::In {
        return contained(left, right);
    }
    if let Some(reason) = gap(left).or_else(|| gap(right)) {
        return Verdict::Unknown(reason);
    }
    match op {
        BinaryOp::Equal => equal(left, right),
        BinaryOp::NotEqual => equal(left, right).not(),
        _ => match order(left, right) {
            Ok(order) => Verdict::from(match op {
                BinaryOp::Less => order == Ordering::Less,
                BinaryOp::LessOrEqual => order != Ordering::Greater,
                BinaryOp::Greater => order == Ordering::Greater,
                BinaryOp::GreaterOrEqual => order != Ordering::Less,
                _ => return Verdict::unknown(reason(left, right)),
            }),
            Err(reason) => Verdict::unknown(reason),
        },
    }
}

/// Whether both are equal. Values of different kinds from outside are compared as the kind that both can be read as.
pub(super) fn equal(left: &Value, right: &Value) -> Verdict {
    let (left, right) = (left.compared(), right.compared());
    let (left, right) = (&*left, &*right);
    match (left, right) {
        _ if let Some(reason) = gap(left).or_else(|| gap(right)) => Verdict::Unknown(reason),
        (Value::Bool(a), Value::Bool(b)) => (a == b).into(),
        (Value::Text(a), Value::Text(b)) => (a == b).into(),
        (Value::Output(output), Value::Text(text)) | (Value::Text(text), Value::Output(output)) => {
            (*output.text().compared() == Value::Text(text.clone())).into()
        }
        (Value::Time(a), Value::Time(b)) => (a == b).into(),
        (Value::Secret(_), _) | (_, Value::Secret(_)) => Verdict::unknown(reason(left, right)),
        (Value::List(a), Value::List(b)) => {
            if a.len() != b.len() {
                return Verdict::No;
            }
            a.iter().zip(b.iter()).fold(Verdict::Yes, |all, (a, b)| all.and(equal(a, b)))
        }
        (Value::Record(a), Value::Record(b)) => {
            if a.0.len() != b.0.len() {
                return Verdict::No;
            }
            a.0.iter().fold(Verdict::Yes, |all, (name, value)| {
                all.and(b.get(name).map_or(Verdict::No, |other| equal(value, other)))
            })
        }
        _ => match order(left, right) {
            Ok(order) => (order == Ordering::Equal).into(),
            Err(reason) => Verdict::unknown(reason),
        },
    }
}

/// `in` for a list, or for a text in a text; the ends of `x in 10%..20%` are handled in [`super::condition`].
fn contained(left: &Value, right: &Value) -> Verdict {
    match (left, right) {
        _ if let Some(reason) = gap(left) => Verdict::Unknown(reason),
        (_, Value::Unknown(reason)) => Verdict::Unknown(reason.clone()),
        (_, Value::PartialList(list)) => list
            .known()
            .fold(Verdict::No, |any, item| any.or(equal(left, item)))
            .or(Verdict::unknown(list.reason.clone())),
        (_, Value::List(items)) => items.iter().fold(Verdict::No, |any, item| any.or(equal(left, item))),
        (_, Value::Samples(samples)) => samples
            .iter()
            .fold(Verdict::No, |any, sample| any.or(equal(left, &Value::Quantity(sample.value)))),
        (Value::Text(part), Value::Text(text)) => text.contains(part.as_str()).into(),
        (Value::Text(part), Value::PartialText(text)) => super::partial::contains(text, part),
        (Value::Output(part), _) => contained(&part.text().compared(), right),
        (_, Value::Output(output)) => contained(left, &output.text().compared()),
        (Value::Text(name), Value::Record(record)) => record.get(name).is_some().into(),
        _ => Verdict::unknown(reason(left, right)),
    }
}

/// Whether a value lies between two ends, both included.
pub(super) fn between(value: &Value, low: &Value, high: &Value) -> Verdict {
    compare(BinaryOp::GreaterOrEqual, value, low).and(compare(BinaryOp::LessOrEqual, value, high))
}

fn order(left: &Value, right: &Value) -> Result<Ordering, Reason> {
    if let (Some(a), Some(b)) = (as_quantity(left), as_quantity(right)) {
        return a.compare(b);
    }
    if is_too_large(left) || is_too_large(right) {
        return Err(Reason::too_large());
    }
    match (left, right) {
        (Value::Time(a), Value::Time(b)) => Ok(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Ok(a.cmp(b)),
        _ => Err(reason(left, right)),
    }
}

/// The quantity of a value: a number, a reading, or the output of a command where that is a number.
pub(super) fn as_quantity(value: &Value) -> Option<Quantity> {
    match value {
        Value::Output(_) => {
            let Value::Text(text) = as_data(value) else { return None };
            Value::parse_quantity(&text).ok()?.quantity()
        }
        value => value.quantity(),
    }
}

/// The quantity of a value that is needed as one; the error says why it is none.
pub(super) fn needed_quantity(value: &Value) -> Result<Quantity, Reason> {
    match (as_quantity(value), value) {
        (Some(quantity), _) => Ok(quantity),
        (None, value) if let Some(reason) = gap(value) => Err((*reason).clone()),
        (None, value) if is_too_large(value) => Err(Reason::too_large()),
        (None, value) => Err(Reason::new(ReasonKind::NoValue, format!("{} is no number", in_words(value)))),
    }
}

/// Whether it is, or a command printed, a number that is too large to compute with exactly.
pub(super) fn is_too_large(value: &Value) -> bool {
    match value {
        Value::Output(_) => {
            let large = |number: ExactNumber| number.computable().is_none();
            matches!(as_data(value), Value::Text(text) if ExactNumber::parse(&text).is_some_and(large))
        }
        value => value.is_too_large(),
    }
}

fn reason(left: &Value, right: &Value) -> Reason {
    let (left, right) = (in_words(left), in_words(right));
    Reason::new(ReasonKind::NoValue, format!("{left} against {right}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::value::Unit;

    fn q(value: f64, unit: &str) -> Value {
        Value::Quantity(Quantity::of(value, Unit::parse(unit).unwrap()).unwrap())
    }

    #[test]
    fn quantities_compare_across_units() {
        assert_eq!(compare(BinaryOp::Less, &q(812.0, "ms"), &q(1.0, "s")), Verdict::Yes);
        assert_eq!(compare(BinaryOp::Equal, &q(1000.0, "ms"), &q(1.0, "s")), Verdict::Yes);
        assert_eq!(between(&q(20.0, "%"), &q(10.0, "%"), &q(20.0, "%")), Verdict::Yes);
    }

    #[test]
    fn unknown_wins_over_any_comparison_but_not_over_membership_that_is_sure() {
        let gone = Value::unknown(Reason::no_data());
        assert_eq!(compare(BinaryOp::Less, &gone, &q(1.0, "s")), Verdict::unknown(Reason::no_data()));
        let list = Value::List([gone, q(1.0, "s")].into());
        assert_eq!(compare(BinaryOp::In, &q(1.0, "s"), &list), Verdict::Yes);
        assert_eq!(compare(BinaryOp::In, &q(2.0, "s"), &list), Verdict::unknown(Reason::no_data()));
    }

    #[test]
    fn what_cannot_be_compared_is_unknown() {
        let verdict = compare(BinaryOp::Less, &q(1.0, "s"), &Value::text("a"));
        assert_eq!(verdict, Verdict::unknown(Reason::new(ReasonKind::NoValue, "a duration against a text")));
    }
}
