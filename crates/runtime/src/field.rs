//! Fields and elements: `alert.labels.service`, `d.instance`, `` `cmd`.number ``, `list[0]`.

use std::sync::Arc;

use super::expression::unknown;
use super::json;
use super::partial;
use rbl_syntax::value::{CommandOutput, PartialText, Quantity, ReasonKind, Value};

/// `.name`; a missing field is unknown.
pub(super) fn field(of: &Value, name: &str) -> Value {
    let found = match of {
        Value::Unknown(_) => return of.clone(),
        Value::Record(record) => record.get(name).cloned(),
        Value::Sample(sample) => sample.labels.get(name).cloned().map(PartialText::masked),
        Value::LabelledText(text) => text.labels.get(name).cloned().map(PartialText::masked),
        Value::Output(output) => return of_output(output, name),
        _ => None,
    };
    found.unwrap_or_else(|| unknown(ReasonKind::NoField, format!("no field `{name}`")))
}

/// `[index]`: an element of a list from 0, from the end where negative; a field of a record by its name.
pub(super) fn element(of: &Value, index: &Value) -> Value {
    match (of, index) {
        (Value::Unknown(_), _) => of.clone(),
        (_, Value::Unknown(_)) => index.clone(),
        (_, Value::Text(name)) => field(of, name),
        _ => {
            let at = index.quantity().map_or(f64::NAN, |index| index.base);
            let lines = match of {
                Value::Output(output) => output.lines(),
                of => of.clone(),
            };
            if let Value::PartialList(list) = &lines {
                return partial::element(list, at).unwrap_or_else(|| Value::unknown(list.reason.clone()));
            }
            let elements = match super::condition::elements(&lines) {
                Ok(elements) => elements,
                Err(reason) => return Value::unknown(reason),
            };
            let from_start = if at < 0.0 { at + elements.len() as f64 } else { at };
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole and within the list
            let found = if from_start.fract() == 0.0 && from_start >= 0.0 {
                elements.get(from_start as usize).cloned()
            } else {
                None
            };
            found.unwrap_or_else(|| unknown(ReasonKind::NoField, format!("no element {index}")))
        }
    }
}

fn of_output(output: &CommandOutput, name: &str) -> Value {
    let whole = || partial::as_data(&output.text());
    match name {
        "text" => output.text(),
        "lines" => output.lines(),
        "number" => match whole() {
            Value::Text(text) => number(&text),
            value => partial::gap(&value).map_or(value, Value::Unknown),
        },
        "json" => partial::readable(&output.text()).map_or_else(|unknown| unknown, |text| json::read(&text)),
        "stderr" => output.errors(),
        "status" => match (output.status, &output.trouble) {
            (Some(code), _) => Value::Quantity(Quantity::number(f64::from(code))),
            (None, Some(reason)) => Value::unknown(reason.clone()),
            (None, None) => unknown(ReasonKind::ProbeFailed, "it did not end by itself"),
        },
        _ => unknown(ReasonKind::NoField, format!("no field `{name}`")),
    }
}

/// Parses a text as a plain number; one with a unit is refused, because the text does not say which unit is meant.
pub(super) fn number(text: &str) -> Value {
    match Value::parse_quantity(text) {
        Ok(Value::Quantity(quantity)) if quantity.unit == Some(rbl_syntax::value::Unit::ONE) => {
            Value::Quantity(Quantity::number(quantity.base))
        }
        Ok(large @ Value::ExactNumber(_)) => large,
        _ => {
            let shown: String = text.chars().take(40).collect();
            unknown(ReasonKind::Unreadable, format!("`{shown}` is no number"))
        }
    }
}

/// Builds a list of texts.
pub(super) fn texts(items: impl Iterator<Item = impl Into<smol_str::SmolStr>>) -> Value {
    Value::List(items.map(Value::text).collect::<Arc<[Value]>>())
}
